-- SPDX-License-Identifier: Apache-2.0
-- The case file's own tables. Tables of evidence (lib/tables.def) are made from their declarations:
-- each has id, host_id, entry_id, offset, length in front of its columns, `raw` behind them, and a log
-- table (one whose rows can be seen twice, see store.h) a `key`. Times are nanoseconds since 1970 in
-- UTC. Indexes stand in indexes.sql, views in views.sql.
-- The first comment behind a column is its help in docs/TABLES.md.

CREATE TABLE meta (          -- what this file is
	key TEXT PRIMARY KEY,    -- name
	value TEXT NOT NULL      -- value
) STRICT, WITHOUT ROWID;

-- Provenance

CREATE TABLE archive (       -- evidence archives
	id INTEGER PRIMARY KEY,  -- number
	sha256 TEXT NOT NULL UNIQUE, -- digest of the archive as a file
	size INTEGER NOT NULL,   -- bytes of that file
	name TEXT NOT NULL,      -- file name, without its directory
	host_id INTEGER REFERENCES host_identity, -- host that it is of
	case_name TEXT,          -- case, as given to the collector
	operator TEXT,           -- who collected
	profile TEXT,            -- quick, standard, full
	started INTEGER,         -- host clock at the start
	ended INTEGER,           -- host clock at the end; null if cut
	utc_offset INTEGER,      -- seconds east of UTC on the host
	zone TEXT,               -- name of the host's time zone
	clock_offset INTEGER,    -- nanoseconds by which the host's clock was ahead; null if not measured
	collector TEXT,          -- version of the collector
	signer TEXT,             -- subject of the certificate
	signer_sha256 TEXT,      -- digest of the certificate
	signature TEXT NOT NULL, -- trusted, unchecked-authority, throw-away, unverified
	complete INTEGER NOT NULL, -- 1: to its signed end; 0: cut
	code TEXT,               -- read-back code
	entries INTEGER NOT NULL, -- sound entries
	bytes INTEGER NOT NULL,  -- their content
	problems INTEGER NOT NULL, -- what verification found wrong
	collection TEXT NOT NULL -- collection.json
) STRICT;

CREATE TABLE entry (         -- members of archives
	id INTEGER PRIMARY KEY,  -- number
	archive_id INTEGER NOT NULL REFERENCES archive, -- archive
	number INTEGER NOT NULL, -- place in the archive
	segment INTEGER,         -- signed segment
	kind TEXT NOT NULL,      -- collection, rows, file, notes
	name TEXT NOT NULL,      -- member name
	path BLOB,               -- exact path on the host
	path_text TEXT,          -- the same as text
	file_kind TEXT,          -- file, link, directory, fifo, socket, block, char
	size INTEGER NOT NULL,   -- bytes of content
	sha256 TEXT,             -- digest as signed
	sparse INTEGER NOT NULL, -- 1: the digest is over the map of extents
	mode INTEGER,            -- permission bits
	uid INTEGER,             -- owner
	gid INTEGER,             -- group
	accessed INTEGER,        -- times on the host
	modified INTEGER,        -- last write
	changed INTEGER,         -- last change of the inode
	born INTEGER,            -- creation
	acquired INTEGER,        -- when it was taken
	sound INTEGER NOT NULL   -- 1: as signed
) STRICT;

CREATE TABLE parse (         -- what was made of an entry
	id INTEGER PRIMARY KEY,  -- number
	entry_id INTEGER NOT NULL REFERENCES entry, -- entry
	parser TEXT NOT NULL,    -- parser
	version INTEGER NOT NULL, -- its version
	state TEXT NOT NULL,     -- done, partial, failed
	rows INTEGER NOT NULL,   -- rows it gave
	bytes INTEGER NOT NULL,  -- bytes it read
	total INTEGER NOT NULL   -- bytes there were
) STRICT;

CREATE TABLE parse_error (   -- what a parser could not read
	id INTEGER PRIMARY KEY,  -- number
	parse_id INTEGER NOT NULL REFERENCES parse, -- parse
	offset INTEGER,          -- in the entry
	reason TEXT NOT NULL,    -- in English
	reason_ja TEXT NOT NULL  -- in Japanese
) STRICT;

CREATE TABLE note (          -- what the collector could not take, and why
	id INTEGER PRIMARY KEY,  -- number
	archive_id INTEGER NOT NULL REFERENCES archive, -- archive
	module TEXT NOT NULL,    -- module
	item TEXT,               -- what it is about
	time INTEGER,            -- when
	reason TEXT NOT NULL,    -- in English
	reason_ja TEXT NOT NULL  -- in Japanese
) STRICT;

CREATE TABLE source (        -- further places where a row was seen again
	row_table TEXT NOT NULL, -- table
	row_id INTEGER NOT NULL, -- row
	entry_id INTEGER NOT NULL REFERENCES entry, -- entry
	offset INTEGER NOT NULL, -- in the entry's content
	length INTEGER NOT NULL, -- bytes
	PRIMARY KEY (row_table, row_id, entry_id, offset)
) STRICT, WITHOUT ROWID;

-- Identity

CREATE TABLE host_identity ( -- hosts
	id INTEGER PRIMARY KEY,  -- host_id of every other table
	key TEXT NOT NULL UNIQUE, -- machine id, or the name where there is none
	name TEXT NOT NULL,      -- newest name
	os TEXT                  -- newest os_name
) STRICT;

CREATE TABLE host_alias (    -- names and addresses of a host
	host_id INTEGER NOT NULL, -- host
	alias TEXT NOT NULL,     -- name or address
	kind TEXT NOT NULL,      -- name, fqdn, address
	PRIMARY KEY (host_id, alias, kind)
) STRICT, WITHOUT ROWID;

CREATE TABLE host_zone (     -- time zone of a host over time
	host_id INTEGER NOT NULL, -- host
	since INTEGER NOT NULL,  -- first archive that says so
	zone TEXT,               -- name
	utc_offset INTEGER NOT NULL, -- seconds east of UTC
	PRIMARY KEY (host_id, since)
) STRICT, WITHOUT ROWID;

-- Spine

CREATE TABLE event (         -- one row per happening, for the one timeline
	id INTEGER PRIMARY KEY,  -- number
	host_id INTEGER NOT NULL, -- host
	time INTEGER,            -- when; null if not dated
	time_kind TEXT NOT NULL, -- started, logged, modified, changed, born, accessed, snapshot
	grade TEXT NOT NULL,     -- exact, year-inferred, zone-assumed, year-inferred+zone-assumed
	type TEXT NOT NULL,      -- logon, logon-failed, logoff, process, file, package, account, command, boot, log …
	actor TEXT,              -- who or what did it
	object TEXT,             -- to what
	summary TEXT NOT NULL,   -- one line
	row_table TEXT NOT NULL, -- table of the row behind it
	row_id INTEGER NOT NULL, -- that row
	entry_id INTEGER NOT NULL, -- entry
	offset INTEGER NOT NULL, -- in the entry's content
	length INTEGER NOT NULL  -- bytes; 0 if the whole entry
) STRICT;

-- Facts: one table per question; row_table and row_id lead to the evidence

CREATE TABLE execution (     -- what ran
	id INTEGER PRIMARY KEY,  -- number
	host_id INTEGER NOT NULL, -- host
	time INTEGER,            -- when
	image TEXT,              -- executable
	sha256 TEXT,             -- its digest
	command TEXT,            -- command line
	user TEXT,               -- as whom
	pid INTEGER,             -- process id
	grade TEXT NOT NULL,     -- executed, typed, loaded, present, referenced
	row_table TEXT NOT NULL, -- evidence
	row_id INTEGER NOT NULL  -- row
) STRICT;

CREATE TABLE persistence (   -- what starts by itself
	id INTEGER PRIMARY KEY,  -- number
	host_id INTEGER NOT NULL, -- host
	time INTEGER,            -- last change of the defining file
	kind TEXT NOT NULL,      -- as in autorun
	name TEXT,               -- unit or job
	path TEXT,               -- defining file
	command TEXT,            -- command
	target TEXT,             -- file that it names
	sha256 TEXT,             -- its digest
	user TEXT,               -- as whom
	enabled INTEGER,         -- 1 on, 0 off, null unknown
	package TEXT,            -- package that owns the target
	row_table TEXT NOT NULL, -- evidence
	row_id INTEGER NOT NULL  -- row
) STRICT;

CREATE TABLE logon (         -- who logged on or tried to
	id INTEGER PRIMARY KEY,  -- number
	host_id INTEGER NOT NULL, -- host
	time INTEGER,            -- when
	user TEXT,               -- account
	address TEXT,            -- where from; null: local
	service TEXT,            -- sshd, login, su, …
	method TEXT,             -- password, publickey, …
	outcome TEXT NOT NULL,   -- success, failure
	row_table TEXT NOT NULL, -- evidence
	row_id INTEGER NOT NULL  -- row
) STRICT;

CREATE TABLE logon_edge (    -- the same, counted
	host_id INTEGER NOT NULL, -- host
	user TEXT NOT NULL,      -- account
	address TEXT NOT NULL,   -- where from; '' local
	service TEXT NOT NULL,   -- service
	outcome TEXT NOT NULL,   -- success, failure
	count INTEGER NOT NULL,  -- how often
	first INTEGER,           -- first time
	last INTEGER,            -- last time
	PRIMARY KEY (host_id, user, address, service, outcome)
) STRICT, WITHOUT ROWID;

CREATE TABLE flow (          -- what talked to whom
	id INTEGER PRIMARY KEY,  -- number
	host_id INTEGER NOT NULL, -- host
	time INTEGER,            -- when it was seen
	protocol TEXT NOT NULL,  -- tcp, udp, …
	local_address TEXT,      -- here
	local_port INTEGER,      -- port
	remote_address TEXT,     -- there
	remote_port INTEGER,     -- port
	state TEXT,              -- LISTEN, ESTABLISHED …
	pid INTEGER,             -- process
	image TEXT,              -- its executable
	row_table TEXT NOT NULL, -- evidence
	row_id INTEGER NOT NULL  -- row
) STRICT;

CREATE TABLE change (        -- what changed on purpose: packages, accounts, groups
	id INTEGER PRIMARY KEY,  -- number
	host_id INTEGER NOT NULL, -- host
	time INTEGER,            -- when
	kind TEXT NOT NULL,      -- package, account, group, password
	subject TEXT,            -- what
	detail TEXT,             -- how
	by_user TEXT,            -- who
	row_table TEXT NOT NULL, -- evidence
	row_id INTEGER NOT NULL  -- row
) STRICT;

-- Findings

CREATE TABLE finding (       -- what a rule found
	id INTEGER PRIMARY KEY,  -- number
	rule TEXT NOT NULL,      -- rule
	host_id INTEGER NOT NULL, -- host
	severity INTEGER NOT NULL, -- 1 informational, 2 low, 3 medium, 4 high, 5 critical
	rank REAL NOT NULL,      -- severity and rarity, the larger the sooner to look at
	time INTEGER,            -- when it happened
	subject TEXT NOT NULL,   -- what it is about, in one line
	title TEXT NOT NULL,     -- name of the rule in English
	title_ja TEXT NOT NULL,  -- and in Japanese
	reason TEXT NOT NULL,    -- why it matters, in English
	reason_ja TEXT NOT NULL, -- in Japanese
	next TEXT NOT NULL,      -- what to do next, in English
	next_ja TEXT NOT NULL,   -- in Japanese
	attack TEXT NOT NULL,    -- ATT&CK ids, with blanks between
	count INTEGER NOT NULL   -- rows behind it
) STRICT;

CREATE TABLE finding_row (   -- rows behind a finding
	finding_id INTEGER NOT NULL REFERENCES finding, -- finding
	row_table TEXT NOT NULL, -- table
	row_id INTEGER NOT NULL, -- row
	PRIMARY KEY (finding_id, row_table, row_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE rule_state (    -- the ledger: what each rule did on each host
	host_id INTEGER NOT NULL, -- host
	rule TEXT NOT NULL,      -- rule
	state TEXT NOT NULL,     -- ran, no-evidence, field-missing, not-loaded
	matches INTEGER NOT NULL, -- findings
	reason TEXT,             -- why it did not run, in English
	reason_ja TEXT,          -- in Japanese
	PRIMARY KEY (host_id, rule)
) STRICT, WITHOUT ROWID;

CREATE TABLE coverage (      -- what the evidence spans
	host_id INTEGER NOT NULL, -- host
	source TEXT NOT NULL,    -- table, or path of a log
	kind TEXT NOT NULL,      -- table, log
	first INTEGER,           -- oldest time
	last INTEGER,            -- newest time
	count INTEGER NOT NULL,  -- rows
	gap INTEGER,             -- longest time without a row, in nanoseconds
	gap_start INTEGER,       -- when it began
	PRIMARY KEY (host_id, source)
) STRICT, WITHOUT ROWID;

CREATE TABLE prevalence (    -- how common a value is among the hosts
	kind TEXT NOT NULL,      -- sha256, image, autorun, address
	value TEXT NOT NULL,     -- value
	hosts INTEGER NOT NULL,  -- hosts that have it
	count INTEGER NOT NULL,  -- rows that have it
	first INTEGER,           -- first time
	last INTEGER,            -- last time
	PRIMARY KEY (kind, value)
) STRICT, WITHOUT ROWID;

CREATE TABLE prevalence_host ( -- the same for each host
	kind TEXT NOT NULL,      -- as in prevalence
	value TEXT NOT NULL,     -- value
	host_id INTEGER NOT NULL, -- host
	count INTEGER NOT NULL,  -- rows that have it
	PRIMARY KEY (kind, value, host_id)
) STRICT, WITHOUT ROWID;

-- Work of the analyst

CREATE TABLE mark (          -- rows that the analyst marked
	row_table TEXT NOT NULL, -- table
	row_id INTEGER NOT NULL, -- row
	label TEXT NOT NULL,     -- mark
	PRIMARY KEY (row_table, row_id, label)
) STRICT, WITHOUT ROWID;

CREATE TABLE comment (       -- what the analyst wrote
	id INTEGER PRIMARY KEY,  -- number
	row_table TEXT,          -- table
	row_id INTEGER,          -- row
	text TEXT NOT NULL       -- comment
) STRICT;

CREATE TABLE saved_query (   -- queries worth keeping
	name TEXT PRIMARY KEY,   -- name
	sql TEXT NOT NULL,       -- query
	help TEXT NOT NULL,      -- what it answers
	help_ja TEXT NOT NULL    -- the same in Japanese
) STRICT, WITHOUT ROWID;
