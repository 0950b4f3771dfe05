/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/fail.h"

#include <stdio.h>
#include <string.h>

#include "lib/text.h"

/* Cuts a text that vsnprintf shortened at the last whole character. */
static void cut_whole(char *text)
{
	size_t size = strlen(text);

	while (size && !text_is_utf8((struct span){ (uint8_t *)text, size }))
		size--;
	text[size] = 0;
}

static void write_both(struct fail *f, const char *english, va_list arguments)
{
	for (int lang = 0; lang < LANGS; lang++) {
		va_list copy;
		int wanted;

		va_copy(copy, arguments);
		wanted = vsnprintf(f->text[lang], FAIL_TEXT, msg((enum lang)lang, english), copy);
		va_end(copy);
		if (wanted >= FAIL_TEXT)
			cut_whole(f->text[lang]);
	}
}

int fail_vset(struct fail *f, const char *english, va_list arguments)
{
	write_both(f, english, arguments);
	f->code = 0;
	return -1;
}

int fail_set(struct fail *f, const char *english, ...)
{
	va_list arguments;

	va_start(arguments, english);
	fail_vset(f, english, arguments);
	va_end(arguments);
	return -1;
}

int fail_errno(struct fail *f, int number, const char *english, ...)
{
	va_list arguments;

	va_start(arguments, english);
	write_both(f, english, arguments);
	va_end(arguments);
	for (int lang = 0; lang < LANGS; lang++) {
		size_t size = strlen(f->text[lang]);

		snprintf(f->text[lang] + size, FAIL_TEXT - size, ": %s", msg_errno((enum lang)lang, number));
		cut_whole(f->text[lang]);
	}
	f->code = number;
	return -1;
}

int fail_in(struct fail *f, const char *context)
{
	for (int lang = 0; lang < LANGS; lang++) {
		char old[FAIL_TEXT];

		memcpy(old, f->text[lang], FAIL_TEXT);
		if (snprintf(f->text[lang], FAIL_TEXT, "%s: %s", context, old) >= FAIL_TEXT)
			cut_whole(f->text[lang]);
	}
	return -1;
}
