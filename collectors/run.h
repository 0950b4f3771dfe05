/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_RUN_H
#define KAKE_RUN_H
/*
 * One run of the collector: the modules in order of volatility, what is volatile once more at the
 * end, all of it into one archive. Prints nothing; what is to be seen goes to `show`.
 */
#include "collectors/account.h"
#include "collectors/keys.h"
#include "collectors/module.h"

struct settings {
	const char *out;                     /* directory for the archive */
	const char *case_id, *operator_name; /* may be NULL */
	const char *root;                    /* "/" for the running host */
	const char *artifacts;               /* further definitions, or NULL */
	const char *key, *certificate;       /* PEM files, or NULL: the kit's, or a key for this run */
	const char *recipient;               /* file of age public keys, or NULL: the kit's if it has one */
	bool plain;                          /* not encrypted even so */
	int64_t volume_size;                 /* bytes; 0: one file, unless the file system is too small for it */
	const char *modules;                 /* names with commas between, or NULL: all of the profile */
	enum profile profile;
	unsigned digests;
	bool remote;
	int64_t max_time;                    /* seconds; 0: no limit */
	int64_t max_size, max_file_size;     /* bytes; 0: no limit, -1: as the profile has it */
	enum lang lang;
	bool terminal;                       /* progress is for a terminal */
	int argc;                            /* for the record in the archive */
	char **argv;
	volatile const int *stop;
	void (*show)(struct span text);      /* progress */
};

enum { RESULT_WARNINGS = 8 };

enum run_end { RUN_WHOLE, RUN_STOPPED, RUN_OUT_OF_TIME, RUN_OUT_OF_SPACE };

struct result {
	enum run_end end;
	enum key_kind key;
	bool encrypted;
	unsigned files;                      /* that the archive is cut into */
	bool kept;                           /* the archive is complete and has its name */
	char code[PACK_CODE];
	struct buf path;                     /* of the archive, as it stands on the disk */
	int64_t size, duration;              /* bytes of the archive, nanoseconds */
	struct account account;
	const char *warnings[RESULT_WARNINGS];   /* in English, ends with NULL */
};

/* Whether the settings can be followed at all: modules by name, key with certificate. */
int run_check(const struct settings *s, struct fail *f);
/* -1: the archive is not complete; result->path may name what could be saved of it. */
int run_collect(const struct settings *s, struct result *result, struct fail *f);
void result_done(struct result *result);
/* Adds what would be taken to `out`, and takes nothing. */
int run_plan(const struct settings *s, struct buf *out, struct fail *f);

/* Whether the profile, the kind of run and the choice of the operator let a module run. */
bool run_wants(const struct settings *s, const struct module *m, const char **left_out);
const char *profile_name(enum profile profile);
bool profile_named(const char *name, enum profile *out);
/*
 * By how much a clock was set while another one, which no one can set, ran on: nanoseconds, 0 if
 * by less than two seconds.
 */
int64_t clock_jump(int64_t wall_start, int64_t wall_end, int64_t steady_start, int64_t steady_end);
#endif
