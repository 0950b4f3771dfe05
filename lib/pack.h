/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_PACK_H
#define KAKE_PACK_H
/*
 * The evidence archive: a pax tar in zstd, with signed manifest segments. docs/format.md specifies
 * it; this is the only code that knows how it looks. Layers below the tar (zstd now; age and
 * volumes take their place beside it) are `output`s for the writer and `source`s for the reader.
 */
#include "lib/hash.h"
#include "lib/output.h"
#include "lib/sign.h"
#include "lib/source.h"
#include "lib/table.h"

enum {
	PACK_ROWS_CHUNK = 4 << 20,          /* bytes of rows in one member */
	PACK_SEGMENT_BYTES = 64 << 20,      /* content after which a segment is closed */
	PACK_SEGMENT_SECONDS = 30,          /* and time */
	PACK_SEGMENT_ENTRIES = 8192,        /* and entries, which bounds the reader's memory */
	PACK_CODE = 30,                     /* "1234 5678 9012 3456 7890 1234" and its NUL */
};

/* A time as stat gives it; `set` false where the system does not tell. */
struct file_time { bool set; int64_t seconds; int64_t nanoseconds; };

/* A range of a file. */
struct extent { int64_t offset, length; };

/* What was known of a file when it was opened. Spans are borrowed for the call. */
struct file_facts {
	struct span path;                   /* on the host, absolute */
	char kind;                          /* f file, l link, d directory, p FIFO, s socket, b, c device */
	struct span link;                   /* target, if l */
	int64_t size;                       /* logical, as seen at open; what is later appended is left out */
	int64_t allocated;                  /* bytes on the disk */
	int64_t mode, uid, gid, device, inode, links;    /* mode: permission bits (07777) */
	struct file_time accessed, modified, changed, born;
	struct span xattrs;                 /* COL_LIST: name, value in hexadecimal, name, … */
	const struct extent *extents;       /* data ranges in order where the file has holes, else NULL */
	size_t extent_count;
	struct span artifact;               /* the definition that named it; may be empty */
};

struct pack_writer;

/*
 * Starts an archive on `out`, which the writer ends and closes, also where this fails. `collection`
 * is the first member, one JSON object; format, signer and throwaway_key are put in front of it.
 * The signer stays the caller's and must outlive the writer.
 */
int pack_writer_open(struct pack_writer **w, struct output *out, struct signer *signer,
                     struct span collection, struct fail *f);
/* Rows, notes and files go here. The sink belongs to the writer. Not for use by two threads. */
struct sink *pack_writer_sink(struct pack_writer *w);
/* Writes what is pending and closes the segment: manifest, signature, frame, flush to the disk. */
int pack_writer_segment(struct pack_writer *w, struct fail *f);
/* Content bytes so far, and bytes that went to the output. */
int64_t pack_writer_bytes(const struct pack_writer *w);
int64_t pack_writer_written(const struct pack_writer *w);
/*
 * The last segment with its end mark; then the read-back code. The archive is complete only now, and
 * the output may be given its name before the writer is closed.
 */
int pack_writer_end(struct pack_writer *w, char code[PACK_CODE], struct fail *f);
void pack_writer_close(struct pack_writer *w);

enum pack_kind { PACK_COLLECTION, PACK_ROWS, PACK_FILE, PACK_NOTES };

/* One member as it passes. Not to be believed before its segment is closed: see pack_verdict. */
struct pack_entry {
	enum pack_kind kind;
	int64_t number;                     /* 1, 2, … in the archive's order */
	struct span name;                   /* member name */
	const struct table *table;          /* PACK_ROWS: NULL if this program does not know it */
	struct span table_name;
	struct file_facts facts;            /* PACK_FILE: from the tar header; `extents` NULL when dense */
	struct source *content;             /* logical bytes, holes as zeros; valid until pack_reader_next */
};

/*
 * What the manifest says of an entry, given when its segment has been read. What was seen but not
 * taken as content (links, directories, devices, files left out) has no member: number 0, no name,
 * and "kind":"meta" in its line.
 */
struct pack_record {
	int64_t number, segment;
	struct span name, path;             /* member name; exact path on the host, for files */
	int64_t size;
	struct span sha256;                 /* 32 bytes, as docs/format.md defines it; empty for no content */
	bool sparse;                        /* the digest is sha256_blocks: a large file with holes */
	int64_t acquired;                   /* instant */
	struct span json;                   /* the whole line */
	bool sound;                         /* bytes and header are as signed */
};

/* Kinds of what can be wrong; each is reported with the entry or segment it concerns. */
enum pack_problem {
	PACK_ALTERED, PACK_MISSING, PACK_ADDED, PACK_REORDERED, PACK_CHAIN, PACK_SIGNATURE, PACK_MALFORMED,
	PACK_CUT, PACK_UNTRUSTED, PACK_CODE_DIFFERS,
};

struct pack_events {
	/* After each segment: its records, in order. */
	int (*record)(void *context, const struct pack_record *r, struct fail *f);
	/* As problems are found. `item` names the entry or segment. */
	int (*problem)(void *context, enum pack_problem kind, struct span item, const struct fail *why,
	               struct fail *f);
	void *context;
};

struct pack_verdict {
	bool complete;                      /* the end mark was there, signed */
	bool sound;                         /* no problem of any kind was found (a cut is one) */
	bool throwaway;                     /* the key was made for this run: no authority vouches for it */
	bool trusted;                       /* chain to the CA that was given */
	int64_t entries, bytes, segments;   /* signed and sound */
	int64_t unsigned_entries;           /* behind the last closed segment */
	int64_t problems;
	char signer[256];                   /* subject of the certificate */
	uint8_t signer_sha256[SHA256_SIZE]; /* of the certificate, DER */
	uint8_t archive_sha256[SHA256_SIZE];/* of all bytes read */
	char code[PACK_CODE];
};

struct pack_reader;

/* `raw` and `trust` (NULL: none) stay the caller's. */
int pack_reader_open(struct pack_reader **r, struct source *raw, const struct trust *trust,
                     const struct pack_events *events, struct fail *f);
/* 1 and the next entry, 0 at the end (see the verdict), -1: unreadable from here, or out of memory. */
int pack_reader_next(struct pack_reader *r, struct pack_entry *e, struct fail *f);
/* Final after pack_reader_next gave 0 or -1. */
const struct pack_verdict *pack_reader_verdict(const struct pack_reader *r);
void pack_reader_close(struct pack_reader *r);
#endif
