-- SPDX-License-Identifier: Apache-2.0
-- Made behind the rows of the first archive, kept up from then on: those that the facts are made with …
CREATE INDEX IF NOT EXISTS entry_archive ON entry (archive_id, number);
CREATE INDEX IF NOT EXISTS entry_path ON entry (path_text);
CREATE INDEX IF NOT EXISTS parse_entry ON parse (entry_id);
CREATE INDEX IF NOT EXISTS parse_error_parse ON parse_error (parse_id);
CREATE INDEX IF NOT EXISTS account_uid ON account (host_id, uid);
CREATE INDEX IF NOT EXISTS process_pid ON process (host_id, pid);
CREATE INDEX IF NOT EXISTS socket_pid ON socket (host_id, pid);
CREATE INDEX IF NOT EXISTS login_record_time ON login_record (host_id, time);
CREATE INDEX IF NOT EXISTS auth_event_place ON auth_event (entry_id, offset);
CREATE INDEX IF NOT EXISTS auth_event_time ON auth_event (host_id, time);
CREATE INDEX IF NOT EXISTS file_path ON file (host_id, path);
