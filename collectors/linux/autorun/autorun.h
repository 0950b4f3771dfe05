/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_AUTORUN_H
#define KAKE_AUTORUN_H
/*
 * Everything that starts by itself. A place (places.c) is a path pattern with a reader: one line of
 * a table. The engine (autorun.c) finds the files of a place, hands them to its reader and turns
 * what the reader tells into a row with the file that the command names. systemd's units, whose
 * files act on each other, have their own engine (systemd.c).
 */
#include "collectors/linux/autorun/command.h"
#include "collectors/linux/host.h"

enum {
	AUTORUN_COMMAND_BYTES = 16384,       /* of a command that are kept */
	AUTORUN_FILES = 1 << 16,             /* files of one place */
	AUTORUN_LINES = 1 << 17,             /* lines of one file that are read */
	AUTORUN_TARGETS = 1 << 16,           /* targets whose digest is remembered */
	AUTORUN_DIGEST_BYTES = 256 << 20,    /* of a target; a larger one has no digest and a note */
	AUTORUN_SEEN = 1024,                 /* directories that are known again under a second name */
	AUTORUN_MODULES = 512,               /* kernel modules whose file is sought */
	AUTORUN_ENABLED_UNKNOWN = -1,
};

struct autoruns;
struct place;

/* A file of a place, as its reader gets it. */
struct found {
	const struct place *place;
	struct span path, name;              /* name: last part of the path */
	struct span user, home;              /* whose home it is found in; may be empty */
	const struct file_facts *facts;      /* of the file, its links followed */
	struct span link;                    /* target, if the path is a link */
	struct span text;                    /* contents, for READ_TEXT */
};

enum {
	READ_TEXT = 1,                       /* the reader needs the contents */
	READ_FOLDER = 2,                     /* directories too, which have no contents */
};

struct place {
	const char *kind;                    /* column `kind` */
	const char *pattern;                 /* path with * within parts; "~/" for every home */
	int (*read)(struct autoruns *a, const struct found *file, struct fail *f);
	unsigned flags;
	const char *trigger;                 /* column `trigger`, where the file itself does not tell */
	const char *user;                    /* as whom; NULL: the file tells, or owner of the home */
	const char *words;                   /* for the reader: names of settings, parted by blanks */
};

/* Ends with a NULL kind. */
extern const struct place autorun_places[];

/* One thing that starts by itself. Spans are borrowed for the call. */
struct autostart {
	const char *kind;
	struct span name, path, user, trigger, command, overrides;
	size_t line;                         /* 0: the file as a whole */
	int enabled;                         /* 0, 1, or AUTORUN_ENABLED_UNKNOWN */
	struct span target;                  /* path; where empty it is sought in the command */
	enum command_syntax syntax;
	bool no_target;                      /* the command names no file */
	bool paths_only;                     /* names without a '/' are not sought */
	struct span home;                    /* for ~ and relative names */
	struct span search;                  /* PATH; empty: the usual one */
};

/* What is known of a file that a command names. */
struct target {
	struct span path;                    /* its last link followed */
	bool exists, is_file, has_digest;
	int64_t uid, mode;
	uint8_t sha256[SHA256_SIZE];
	const char *package;                 /* or NULL */
};

struct packages;
struct targets;

/* A directory, with the reader and the name pattern that have been through it. */
struct seen_folder {
	int64_t device, inode;
	int (*read)(struct autoruns *a, const struct found *file, struct fail *f);
	struct span part;
};

struct autoruns {
	struct host host;
	const struct packages *packages;     /* NULL: nothing is known */
	struct targets *targets;
	struct file_facts facts;             /* of the defining file asked last */
	struct buf facts_path;
	bool has_facts;
	struct buf modules;                  /* COL_LIST: directories of /lib/modules */
	size_t modules_sought;
	struct seen_folder seen[AUTORUN_SEEN];
	size_t seen_count;
	bool split_lib;                      /* /lib is a directory of its own */
	struct buf pam_folders;              /* COL_LIST: directories of PAM modules */
};

/* A row; the name is that of the file where it is empty. */
int autorun_add(struct autoruns *a, const struct autostart *s, struct fail *f);
/* An autostart with what the file and its place say. */
struct autostart autorun_of(const struct found *file);
/* The best of the files that the command names: see command.h. Empty path if there is none. */
int autorun_target(struct autoruns *a, const struct autostart *s, struct buf *path, struct fail *f);
/* Facts of a path, remembered; valid until the next call. */
int targets_open(struct targets **t, struct fail *f);
int targets_find(struct autoruns *a, struct span path, const struct target **target,
				 struct fail *f);
void targets_close(struct targets *t);
/* All units of system and users. */
int autorun_systemd(struct autoruns *a, struct fail *f);
#endif
