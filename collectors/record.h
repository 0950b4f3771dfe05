/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_RECORD_H
#define KAKE_RECORD_H
/* collection.json: what the archive says of itself, written before anything is taken. */
#include "collectors/host_zone.h"
#include "collectors/run.h"

/* All that the record tells and that the run uses as well. */
struct record {
	struct buf host;                     /* name of the host */
	struct buf machine;                  /* /etc/machine-id, by which a case file tells hosts apart */
	struct buf program;                  /* path of the executable */
	bool has_digest;
	uint8_t program_sha256[SHA256_SIZE];
	int64_t started, steady;             /* os_now() and os_monotonic() at the start */
	struct host_zone zone;
};

int record_read(struct record *r, const struct settings *s, struct os_root *root, struct fail *f);
/* One JSON object; the archive's writer adds its format and the signer. */
void record_write(const struct record *r, const struct settings *s, enum key_kind key,
                  struct buf *out);
/* "HOST-YYYYMMDDThhmmssZ", of letters that every file system takes; `number` from 2 on is added. */
void record_name(const struct record *r, unsigned number, struct buf *out);
void record_done(struct record *r);
#endif
