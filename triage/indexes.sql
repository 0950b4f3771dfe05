-- SPDX-License-Identifier: Apache-2.0
-- Made behind the rows of the first archive, kept up from then on.
CREATE INDEX IF NOT EXISTS entry_archive ON entry (archive_id, number);
CREATE INDEX IF NOT EXISTS entry_path ON entry (path_text);
CREATE INDEX IF NOT EXISTS parse_entry ON parse (entry_id);
CREATE INDEX IF NOT EXISTS parse_error_parse ON parse_error (parse_id);
CREATE INDEX IF NOT EXISTS event_time ON event (time);
CREATE INDEX IF NOT EXISTS event_row ON event (row_table, row_id);
CREATE INDEX IF NOT EXISTS logon_time ON logon (host_id, time);
CREATE INDEX IF NOT EXISTS execution_sha256 ON execution (sha256);
CREATE INDEX IF NOT EXISTS process_pid ON process (host_id, pid);
CREATE INDEX IF NOT EXISTS socket_pid ON socket (host_id, pid);
CREATE INDEX IF NOT EXISTS file_path ON file (host_id, path);
CREATE INDEX IF NOT EXISTS file_sha256 ON file (sha256);
