/* SPDX-License-Identifier: Apache-2.0 */
#include "collectors/linux/inquiry.h"

#include <errno.h>
#include <unistd.h>

#include "collectors/linux/inquiry_child.h"
#include "collectors/linux/proc_text.h"
#include "lib/instant.h"

enum { BOOT_TEXT = 4 << 20 };     /* interrupts of a large machine stand before the boot time */

static int take_frame(void *context, struct span frame, struct fail *f)
{
	struct inquiry *q = context;

	while (frame.size) {
		struct answer head;
		struct span bytes;

		if (frame.size < sizeof head)
			return fail_set(f, "out of memory");
		memcpy(&head, frame.data, sizeof head);
		bytes = span_part(frame, sizeof head, head.size);
		frame = span_part(frame, sizeof head + head.size, frame.size);
		if (head.piece >= PIECES)
			continue;
		if (head.error)
			q->error[head.piece] = head.error;
		q->cut[head.piece] = q->cut[head.piece] || head.cut;
		if (head.piece == PIECE_MAPS || head.piece == PIECE_DESCRIPTORS) {
			if (bytes.size && q->take && q->take(q->context, bytes, f))
				return -1;
			continue;
		}
		buf_add(&q->text[head.piece], bytes);
		if (q->text[head.piece].bad)
			return fail_set(f, "out of memory");
	}
	return 0;
}

static int patience(const struct inquiry *q, int milliseconds)
{
	int left = milliseconds >> (q->hangs < 8 ? q->hangs : 8);

	return left > INQUIRY_SHORTEST ? left : INQUIRY_SHORTEST;
}

static int ask(struct inquiry *q, unsigned what, struct span ranges, int64_t most, int milliseconds,
               struct fail *f)
{
	struct question question = { .pid = q->pid, .most = most, .what = what, .covered = q->covered };
	struct buf request = { 0 };
	int result;

	q->error[PIECE_STAT] = 0;
	for (int piece = 0; piece < PIECES; piece++)
		if (what & PIECE(piece)) {
			buf_clear(&q->text[piece]);
			q->error[piece] = 0;
			q->cut[piece] = false;
		}
	buf_add(&request, (struct span){ (uint8_t *)&question, sizeof question });
	buf_add(&request, ranges);
	result = request.bad ? fail_set(f, "out of memory") :
	         guard_call(q->guard, inquiry_work, buf_span(&request), milliseconds, take_frame, q, f);
	buf_done(&request);
	q->hangs += result && f->code == ETIMEDOUT;
	return result;
}

int inquiry_ask(struct inquiry *q, unsigned what, struct fail *f)
{
	bool streams = what & (PIECE(PIECE_MAPS) | PIECE(PIECE_DESCRIPTORS));

	return ask(q, what, (struct span){ 0 }, 0,
	           patience(q, streams ? INQUIRY_STREAM_MILLISECONDS : INQUIRY_MILLISECONDS), f);
}

int inquiry_digest(struct inquiry *q, struct image_facts *facts, struct fail *f)
{
	if (ask(q, PIECE(PIECE_IMAGE_FACTS), (struct span){ 0 }, INQUIRY_DIGEST_BYTES,
	        INQUIRY_DIGEST_MILLISECONDS, f))
		return -1;
	if (q->text[PIECE_IMAGE_FACTS].size == sizeof *facts)
		memcpy(facts, q->text[PIECE_IMAGE_FACTS].data, sizeof *facts);
	return 0;
}

int inquiry_backing(struct inquiry *q, struct span ranges, int64_t most, struct image_facts *facts,
                    size_t count, struct fail *f)
{
	if (ask(q, PIECE(PIECE_BACKING), ranges, most,
	        most ? INQUIRY_DIGEST_MILLISECONDS : patience(q, INQUIRY_MILLISECONDS), f))
		return -1;
	memset(facts, 0, count * sizeof *facts);
	if (q->text[PIECE_BACKING].size == count * sizeof *facts)
		memcpy(facts, q->text[PIECE_BACKING].data, count * sizeof *facts);
	return 0;
}

void boot_read(struct boot *b, struct os_root *root)
{
	struct buf bytes = { 0 };
	struct fail why;
	struct span text;
	bool cut;

	*b = (struct boot){ .ticks = sysconf(_SC_CLK_TCK) };
	if (os_slurp(root, span_of("/proc/stat"), BOOT_TEXT, &bytes, &cut, &why))
		buf_clear(&bytes);
	text = buf_span(&bytes);
	while (text.size && !b->known) {
		struct span line = span_until(&text, '\n');
		int64_t seconds;

		b->known = span_is(span_word(&line), "btime") && span_number(span_word(&line), &seconds) &&
		           instant_of(seconds, 0, &b->instant) && b->ticks > 0;
	}
	buf_done(&bytes);
}

bool boot_instant(const struct boot *b, int64_t ticks, int64_t *out)
{
	if (!b->known || ticks < 0 || ticks > INT64_MAX / INSTANT_SECOND)
		return false;
	*out = b->instant + ticks / b->ticks * INSTANT_SECOND +
	       ticks % b->ticks * INSTANT_SECOND / b->ticks;
	return true;
}

bool inquiry_settled(const struct inquiry *q)
{
	struct proc_stat before, after;

	return proc_stat_read(buf_span(&q->text[PIECE_STAT]), &before) &&
	       proc_stat_read(buf_span(&q->text[PIECE_STAT_AFTER]), &after) &&
	       before.start_ticks == after.start_ticks && before.start_code == after.start_code;
}

bool inquiry_vanished(const struct inquiry *q)
{
	struct proc_stat before, after;

	if (q->error[PIECE_STAT] || !proc_stat_read(buf_span(&q->text[PIECE_STAT]), &before) ||
	    !proc_stat_read(buf_span(&q->text[PIECE_STAT_AFTER]), &after))
		return true;
	return before.start_ticks != after.start_ticks || (before.state != after.state &&
	       (after.state == 'Z' || after.state == 'X'));
}

void inquiry_done(struct inquiry *q)
{
	for (int piece = 0; piece < PIECES; piece++)
		buf_done(&q->text[piece]);
}

void toll_denied(struct toll *t, int64_t pid, int error)
{
	if (error != EACCES && error != EPERM)
		return;
	if (!t->denied++)
		t->first_denied = pid;
}

int toll_note(struct collection *c, const struct toll *t, struct fail *f)
{
	struct fail why;

	if (t->vanished) {
		fail_set(&why, "processes that ended while they were read: %lld", (long long)t->vanished);
		if (collection_note(c, span_of("/proc"), &why, f))
			return -1;
	}
	if (t->denied) {
		fail_set(&why, "processes that this user may not read in full: %lld; the first is %lld",
		         (long long)t->denied, (long long)t->first_denied);
		if (collection_note(c, span_of("/proc"), &why, f))
			return -1;
	}
	return 0;
}
