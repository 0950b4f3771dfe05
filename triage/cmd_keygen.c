/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "lib/age.h"
#include "lib/os.h"
#include "triage/commands.h"

/* The file that age-keygen would write: comments, then the secret key. */
static int write_identity(const char *path, struct span identity, struct span recipient, struct fail *f)
{
	struct buf text = { 0 };
	struct output *o;
	int result;

	buf_text(&text, "# public key: ");
	buf_add(&text, recipient);
	buf_byte(&text, '\n');
	buf_add(&text, identity);
	buf_byte(&text, '\n');
	if (text.bad)
		return fail_set(f, "out of memory");
	result = os_output_open(&o, path, f);
	if (!result) {
		result = o->write(o, buf_span(&text), f) || o->end(o, f) || os_output_keep(o, f) ? -1 : 0;
		o->close(o);
	}
	buf_done(&text);
	return result;
}

int cmd_keygen(int argc, char **argv, enum lang lang)
{
	const char *out = NULL, *language = NULL;
	const struct option_row options[] = {
		{ "out", OPT_TEXT, "FILE", "write the secret key there; nothing is overwritten", &out },
		{ "lang", OPT_TEXT, "ja|en", "language of messages", &language },
		{ NULL, OPT_FLAG, NULL, NULL, NULL },
	};
	const struct command_line line = {
		"kake-triage keygen --out FILE",
		"Makes an age identity (secret key) and prints the public key that belongs to it, for kit/recipient.txt.",
		options, 0, 0,
	};
	struct buf identity = { 0 }, recipient = { 0 };
	struct fail f = { 0 };
	int operands, result = command_line_read(&line, argc, argv, lang, &operands);

	if (result)
		return result > 0 ? EXIT_COMPLETE : EXIT_FAILED;
	if (!out)
		result = fail_set(&f, "name the file for the secret key with --out FILE");
	if (!result)
		result = age_keygen(&identity, &recipient, &f) ||
		         write_identity(out, buf_span(&identity), buf_span(&recipient), &f) ? -1 : 0;
	if (!result)
		printf("%s\n", buf_string(&recipient));
	buf_done(&identity);
	buf_done(&recipient);
	return result ? command_failed(&f, lang) : EXIT_COMPLETE;
}
