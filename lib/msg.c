/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/msg.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "lib/span.h"

struct pair { const char *english, *japanese; };

static const struct pair pairs[] = {
#define JA(english, japanese) { english, japanese },
#include "lib/messages_ja.def"
#undef JA
	{ NULL, NULL },
};

static const struct { int number; const char *english, *japanese; } errors[] = {
	{ EACCES, "Permission denied", "許可がありません" },
	{ EPERM, "Operation not permitted", "この操作は許可されていません" },
	{ ENOENT, "No such file or directory", "ファイルまたはフォルダーがありません" },
	{ ENOSPC, "No space left on device", "空き容量がありません" },
	{ EROFS, "Read-only file system", "書き込みできない媒体です" },
	{ EIO, "Input/output error", "入出力エラーです" },
	{ EEXIST, "File exists", "同じ名前のものが既にあります" },
	{ ENOTDIR, "Not a directory", "フォルダーではありません" },
	{ EISDIR, "Is a directory", "フォルダーです" },
	{ ENOMEM, "Cannot allocate memory", "メモリーが足りません" },
	{ EMFILE, "Too many open files", "開いているファイルが多すぎます" },
	{ EINVAL, "Invalid argument", "値が正しくありません" },
	{ EBUSY, "Device or resource busy", "使用中です" },
	{ ESRCH, "No such process", "プロセスがありません" },
	{ ENOSYS, "Function not implemented", "この OS では使えない機能です" },
	{ EFBIG, "File too large", "ファイルが大きすぎます" },
	{ ENAMETOOLONG, "File name too long", "名前が長すぎます" },
#ifdef ELOOP
	{ ELOOP, "Too many levels of symbolic links", "リンクが循環しているか、リンクです" },
	{ ETIMEDOUT, "Connection timed out", "時間内に応答がありませんでした" },
#endif
};

const char *msg_entry(unsigned i, const char **japanese)
{
	if (i + 1 >= sizeof pairs / sizeof *pairs)
		return NULL;
	*japanese = pairs[i].japanese;
	return pairs[i].english;
}

const char *msg(enum lang lang, const char *english)
{
	if (lang != LANG_JA)
		return english;
	for (const struct pair *p = pairs; p->english; p++)
		if (p->english[0] == english[0] && strcmp(p->english, english) == 0)
			return p->japanese;
	return english;
}

const char *msg_errno(enum lang lang, int number)
{
	for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
		if (errors[i].number == number)
			return lang == LANG_JA ? errors[i].japanese : errors[i].english;
	return strerror(number);
}

enum lang msg_lang(const char *name)
{
	const char *charset = name ? strchr(name, '.') : NULL;

	if (!name || strncmp(name, "ja", 2) != 0)
		return LANG_EN;
	/* Our Japanese is UTF-8: a terminal that shows EUC-JP or Shift_JIS can read the English. */
	return !charset || span_starts(span_of(charset), ".UTF") || span_starts(span_of(charset), ".utf")
	           ? LANG_JA : LANG_EN;
}
