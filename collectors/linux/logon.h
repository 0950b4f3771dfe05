/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_LINUX_LOGON_H
#define KAKE_LINUX_LOGON_H
/* The lines that decide who may log on and with which rights. Spans point into what was parsed. */
#include "lib/buf.h"

/* ---- shadow(5) ---- */
enum { DAYS_NONE = -1 };

struct shadow {
	struct span name;
	const char *state;               /* set, locked, empty, none */
	const char *scheme;              /* of a hash that is there, or NULL */
	int64_t changed, max_days, expires;      /* days since 1970, days, days; DAYS_NONE */
};
struct shadow shadow_parse(struct span line);
/* "set", "locked" (a hash behind '!'), "empty" (no password is asked), "none" (none will fit). */
const char *password_state(struct span field, const char **scheme);

/* ---- sudoers(5), doas.conf(5) ---- */
struct sudo_line {
	struct span who;                 /* users, "Defaults…", or the kind and name of an alias */
	struct span rule;                /* all of the line */
	struct span include;             /* file or directory that it includes, if any */
	bool include_folder, no_password, all_commands;
};
/* False: empty or a comment. `line` has its continuations joined. */
bool sudoers_parse(struct span line, struct sudo_line *out);
bool doas_parse(struct span line, struct sudo_line *out);

/* ---- authorized_keys, sshd(8) ---- */
struct key_line {
	struct span options, type, key, comment;
};
/* False: empty or a comment. A line without a key has an empty `key`. */
bool authorized_key_parse(struct span line, struct key_line *out);
/*
 * Adds the path that an AuthorizedKeysFile pattern means for a user: %h %u %U %%, and relative ones
 * below the home. *shared is set if neither user nor home is in it. False for "none" and for
 * patterns that cannot be followed.
 */
bool key_file_of(struct buf *out, struct span pattern, struct span user, int64_t uid,
                 struct span home, bool *shared);
/* Adds "SHA256:…" of a key's text as ssh-keygen shows it. False if it is not Base64. */
bool key_fingerprint(struct buf *out, struct span key);
/* The name of a setting, and *line moved to its value: "Name value" or "Name=value". */
struct span sshd_key(struct span *line);
/*
 * The next word of a setting's value: blanks separate, double quotes hold together. False at the end
 * or at a comment.
 */
bool sshd_word(struct span *rest, struct span *word);
#endif
