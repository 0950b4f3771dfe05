/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_ARTIFACTS_H
#define KAKE_ARTIFACTS_H
/*
 * Artifact definitions: which files to take, as data, in the format of ForensicArtifacts (YAML, a
 * document for each definition). Sources of type FILE, PATH and ARTIFACT_GROUP are acted on; others
 * are kept by name, for a note. A name that is defined again by a later file replaces the earlier
 * one, so a provider can adjust what is built in; twice in one file is a mistake.
 */
#include "lib/buf.h"
#include "lib/fail.h"

enum {
	ARTIFACTS_BYTES = 8 << 20,           /* of one file of definitions */
	ARTIFACTS_MOST = 1 << 15,            /* definitions */
	ARTIFACTS_NESTING = 32,              /* groups in groups */
};

enum artifact_type { ARTIFACT_FILE, ARTIFACT_PATH, ARTIFACT_GROUP, ARTIFACT_OTHER };

struct artifact_source {
	enum artifact_type type;
	struct buf type_name;                /* as written */
	struct buf os;                       /* COL_LIST; empty: all */
	struct buf values;                   /* COL_LIST: paths, or names of a group */
	char separator;                      /* of the paths */
};

struct artifact {
	struct buf name, doc, aliases, os;   /* lists but for the first two; empty os: all */
	struct artifact_source *sources;
	size_t source_count;
	unsigned file;                       /* which artifacts_add it came from: 0, 1, … */
	bool seen;                           /* for artifacts_each */
};

struct artifacts {
	struct artifact **items;             /* in the order of their definition */
	size_t count, capacity;
	struct artifact_name { struct span name; struct artifact *artifact; } *names;    /* sorted */
	size_t name_count;
	unsigned files;
};

/* `origin` names the file in reasons. Either all definitions of the file are added, or none. */
int artifacts_add(struct artifacts *a, const char *origin, struct span yaml, struct fail *f);
/* After the last artifacts_add: -1 if a group names what is not defined. */
int artifacts_check(struct artifacts *a, struct fail *f);
/* By name or alias, after artifacts_check; NULL: there is none. */
struct artifact *artifacts_find(const struct artifacts *a, struct span name);
/*
 * Calls `take` for each definition that is no mere group, in order, each once over all calls since
 * artifacts_forget: for `name` and, if it is a group, for what it names.
 */
int artifacts_each(struct artifacts *a, struct span name,
                   int (*take)(void *context, struct artifact *artifact, struct fail *f),
                   void *context, struct fail *f);
void artifacts_forget(struct artifacts *a);
/* Whether a list of systems (definition's or source's) is empty or has this one. */
bool artifact_is_for(const struct buf *os, const char *system);
void artifacts_done(struct artifacts *a);

/* The definitions that come with the program. */
extern const unsigned char artifacts_yaml[];
extern const size_t artifacts_yaml_size;
/* Those, and the file of further ones if `path` is not NULL; checked. */
int artifacts_load(struct artifacts *a, const char *path, struct fail *f);

/* For artifacts_yaml.c. */
struct artifact *artifact_new(void);
void artifact_free(struct artifact *artifact);
/* Takes the definition over, also if it fails. */
int artifacts_keep(struct artifacts *a, struct artifact *artifact, struct fail *f);
#endif
