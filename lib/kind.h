/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_KIND_H
#define KAKE_KIND_H
/*
 * What a file is, by its bytes. Types are named as libmagic names them (MIME). The first bytes
 * decide for most files: programs, scripts, archives, images, text; libmagic, which is a hundred
 * times slower, is asked about the rest. So program text without an interpreter line is text/plain
 * here, where libmagic would guess at its language.
 */
#include "lib/fail.h"
#include "lib/span.h"

enum { KIND_HEAD = 16 << 10, KIND_TEXT = 80 };

struct kind {
	char type[KIND_TEXT];        /* application/x-pie-executable, text/plain … */
	bool executable;             /* a program or library: ELF, PE, Mach-O */
	bool script;                 /* begins with #! and an interpreter */
};

/* One for each thread. Where libmagic finds no database, types that need it are octet-stream. */
struct kinds;
int kinds_open(struct kinds **k, struct fail *f);
bool kinds_complete(const struct kinds *k);
/* `head`: the first KIND_HEAD bytes of the file, or all of it. */
void kind_of(struct kinds *k, struct span head, struct kind *out);
/* The first bytes alone: false if they do not tell. */
bool kind_quick(struct span head, struct kind *out);
void kinds_close(struct kinds *k);

/*
 * Shannon entropy of bytes as they pass. { 0 } is the start. Every byte of the first 64 KiB counts, of
 * what follows an eighth: a sample of so many bytes tells the same to three digits.
 */
enum { ENTROPY_EXACT = 1 << 16, ENTROPY_TURN = 8192, ENTROPY_PART = 1024 };

struct entropy { uint64_t counts[256], total, passed; };
void entropy_add(struct entropy *e, struct span bytes);
void entropy_add_zeros(struct entropy *e, uint64_t count);
/* Bits per byte, 0 to 8; 0 for no bytes. */
double entropy_bits(const struct entropy *e);
#endif
