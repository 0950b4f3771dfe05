/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_LINUX_HOST_H
#define KAKE_LINUX_HOST_H
/*
 * What several modules need of a Linux host's files: its people, and a door to small files that
 * leaves out what lies on network mounts and turns every failure into a note.
 *
 * host_stat, host_list and host_slurp return 1 and the answer, 0 if there is none (nothing is
 * there, which is silent, or a note has been given), -1 if work cannot go on.
 */
#include "collectors/linux/mounts.h"
#include "collectors/module.h"

enum {
	HOST_FILE_BYTES = 4 << 20, /* of a file of settings; more is left out with a note */
	HOST_USERS = 1 << 16,      /* accounts and homes */
	PASSWD_LINE = 8192,        /* bytes of a line of passwd, group or shadow that are kept */
};

/* One line of passwd(5), or a directory below /home that no account has. */
struct passwd {
	struct span name, password, uid, gid, full_name, home, shell;
	int64_t uid_number, gid_number;      /* -1 where the text is no id */
	size_t line, size; /* number of the line, and its bytes before the cut; 0: none */
	bool whole;                          /* all seven fields are there and the ids are ids */
};

struct host {
	struct collection *c;
	struct mounts *mounts;               /* NULL: not known */
	struct passwd *users;                /* of /etc/passwd, then homes that are only on the disk */
	size_t user_count, account_count;    /* the first account_count are lines of passwd */
	struct buf text;                     /* what the users' spans point into */
};

int host_open(struct host *h, struct collection *c, struct fail *f);
void host_done(struct host *h);
/* A note about the item; `english` as for fail_set. */
int host_note(struct host *h, struct span item, struct fail *f, const char *english, ...)
	__attribute__((format(printf, 4, 5)));
int host_stat(struct host *h, struct span path, bool follow, struct file_facts *facts,
              struct buf *link, struct fail *f);
/* Sets *names to the sorted names of a directory, as a COL_LIST. */
int host_list(struct host *h, struct span path, struct buf *names, struct fail *f);
/* Sets *out to the text of a regular file. */
int host_slurp(struct host *h, struct span path, struct buf *out, struct fail *f);
/* Whether the path may be touched: not on a mount that can hang. Silent. */
bool host_may_touch(const struct host *h, struct span path);
/* The user that has this home or uid, or NULL. */
const struct passwd *host_user_named(const struct host *h, struct span name);
const struct passwd *host_user_with(const struct host *h, int64_t uid);

/* Whether no user before users[i] has the same home; system accounts share / and /nonexistent. */
bool host_first_at_home(const struct host *h, size_t i);

/* The fields of a line of passwd. */
struct passwd passwd_parse(struct span line);
/* Sets a time column, or its raw text where no instant can hold it; `raw` outlives the row. */
void row_file_time(struct row *r, int column, const struct file_time *time, char raw[40]);
#endif
