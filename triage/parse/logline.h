/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_LOGLINE_H
#define KAKE_LOGLINE_H
/*
 * One line of a system log, taken apart: RFC 3164 (with or without its <PRI>, as files hold it),
 * RFC 5424, and the ISO 8601 form that rsyslog writes by default since Debian 12.
 */
#include "lib/instant.h"

enum stamp_kind {
	STAMP_NONE,
	STAMP_SHORT,                 /* month, day, time; year 0 unless the line tells it */
	STAMP_FULL,                  /* a whole date */
};

struct log_stamp {
	enum stamp_kind kind;
	struct civil at;             /* wall-clock time as written */
	bool has_offset;
	int64_t offset;              /* seconds east of UTC, where written */
};

struct log_line {
	const char *format;          /* rfc3164, rfc5424, iso, or NULL: the line begins with no time */
	struct log_stamp stamp;
	struct span time;            /* the stamp as written */
	int facility, severity;      /* -1: not told */
	/* Parts that the line does not have are { NULL, 0 }. */
	struct span host, program, pid, message_id, data, message;
	/* "message repeated 3 times: [ text]": 3 and the text; normally 1 and the message. */
	int64_t repeated;
	struct span said;
};

/* Text without NULs in front, as a file has them whose blocks were never written. */
struct span log_trim(struct span text);
/* Only what is needed for the date: much faster than the whole line. */
struct log_stamp log_stamp_of(struct span text);
/* Everything. A line without a time has only a message. */
struct log_line log_line_of(struct span text);
/* "last message repeated N times": N, else 0. */
int64_t log_repeats(struct span message);
#endif
