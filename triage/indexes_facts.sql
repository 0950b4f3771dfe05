-- SPDX-License-Identifier: Apache-2.0
-- … and those over the facts.
CREATE INDEX IF NOT EXISTS event_time ON event (time);
CREATE INDEX IF NOT EXISTS logon_time ON logon (host_id, time);
CREATE INDEX IF NOT EXISTS execution_sha256 ON execution (sha256);
CREATE INDEX IF NOT EXISTS event_row ON event (row_id);
