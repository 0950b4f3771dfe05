/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys that may log on by SSH: the files that sshd_config(5) names for each account and those that
 * it names by default, whatever it says, because a setting is quickly changed back.
 */
#include <inttypes.h>

#include "collectors/linux/host.h"
#include "collectors/linux/logon.h"
#include "lib/base64.h"
#include "lib/hash.h"
#include "lib/path.h"

enum { CONFIGS = 256, DEPTH = 16 };

struct keys {
	struct host host;
	struct buf patterns;             /* COL_LIST: values of AuthorizedKeysFile, without doubles */
	struct buf seen;                 /* COL_LIST: key files that have been read */
	size_t configs;
};

static const char *const patterns_always[] = {
	".ssh/authorized_keys", ".ssh/authorized_keys2", "/etc/ssh/authorized_keys/%u",
	"/etc/ssh/authorized_keys.d/%u", "/etc/ssh/authorized_keys",
};

struct span sshd_key(struct span *line)
{
	struct span key;
	size_t i = 0;

	*line = span_trim(*line);
	while (i < line->size && !strchr(" \t=", line->data[i]))
		i++;
	key = span_part(*line, 0, i);
	*line = span_trim(span_part(*line, i, line->size));
	if (line->size && line->data[0] == '=')
		*line = span_part(*line, 1, line->size);
	return key;
}

bool sshd_word(struct span *rest, struct span *word)
{
	*rest = span_trim(*rest);
	if (!rest->size || rest->data[0] == '#')
		return false;
	if (rest->data[0] == '"') {
		*rest = span_part(*rest, 1, rest->size);
		*word = span_until(rest, '"');
	} else {
		*word = span_word(rest);
	}
	return true;
}

bool key_file_of(struct buf *out, struct span pattern, struct span user, int64_t uid,
                 struct span home, bool *shared)
{
	bool relative = pattern.size && pattern.data[0] != '/' && !span_starts(pattern, "%h");

	*shared = !relative;
	if (!pattern.size || span_is(pattern, "none"))
		return false;
	if (relative) {
		buf_add(out, home);
		buf_byte(out, '/');
	}
	for (size_t i = 0; i < pattern.size; i++) {
		uint8_t next = i + 1 < pattern.size ? pattern.data[i + 1] : 0;

		if (pattern.data[i] != '%') {
			buf_byte(out, pattern.data[i]);
			continue;
		}
		i++;
		*shared &= next == '%';
		if (next == 'h')
			buf_add(out, home);
		else if (next == 'u')
			buf_add(out, user);
		else if (next == 'U' && uid >= 0)
			buf_printf(out, "%" PRId64, uid);
		else if (next == '%')
			buf_byte(out, '%');
		else
			return false;
	}
	return true;
}

static bool is_key_type(struct span word)
{
	return span_starts(word, "ssh-") || span_starts(word, "ecdsa-sha2-") ||
	       span_starts(word, "sk-ssh-") || span_starts(word, "sk-ecdsa-") ||
	       span_starts(word, "webauthn-") || span_starts(word, "rsa-sha2-");
}

/* Options end at the first blank outside double quotes; \" within them is a quote. */
static struct span take_options(struct span *rest)
{
	struct span options;
	bool quoted = false;
	size_t i = 0;

	for (; i < rest->size; i++) {
		uint8_t byte = rest->data[i];

		if (byte == '\\' && i + 1 < rest->size && rest->data[i + 1] == '"')
			i++;
		else if (byte == '"')
			quoted = !quoted;
		else if ((byte == ' ' || byte == '\t') && !quoted)
			break;
	}
	options = span_part(*rest, 0, i);
	*rest = span_part(*rest, i, rest->size);
	return options;
}

bool authorized_key_parse(struct span line, struct key_line *out)
{
	struct span rest = span_trim(line), ahead;
	struct span first;

	*out = (struct key_line){ 0 };
	if (!rest.size || rest.data[0] == '#')
		return false;
	ahead = rest;
	first = span_word(&ahead);
	if (!is_key_type(first)) {
		out->options = take_options(&rest);
		ahead = rest;
		first = span_word(&ahead);
	}
	if (!is_key_type(first))
		return true;
	out->type = first;
	out->key = span_word(&ahead);
	out->comment = span_trim(ahead);
	return true;
}

bool key_fingerprint(struct buf *out, struct span key)
{
	struct buf bytes = { 0 };
	uint8_t digest[SHA256_SIZE];
	struct fail ignored;
	bool good = key.size && base64_decode(&bytes, key) && !bytes.bad &&
	            !hash_sha256(buf_span(&bytes), digest, &ignored);

	if (good) {
		buf_text(out, "SHA256:");
		base64_add(out, (struct span){ digest, sizeof digest }, false);
	}
	buf_done(&bytes);
	return good;
}

static int emit(struct keys *k, const struct file_facts *facts, size_t number, struct span user,
                const struct key_line *line, struct fail *f)
{
	struct row row = row_on(&table_authorized_key);
	struct buf print = { 0 };
	char raw[2][40];
	int result = 0;

	if (key_fingerprint(&print, line->key))
		row_span(&row, KEY_FINGERPRINT, buf_span(&print));
	else
		result =
			host_note(&k->host, facts->path, f, "line %zu holds no key that can be read", number);
	row_span(&row, KEY_PATH, facts->path);
	row_int(&row, KEY_LINE, (int64_t)number);
	row_span(&row, KEY_USER, user);
	row_span(&row, KEY_TYPE, line->type);
	row_span(&row, KEY_OPTIONS, line->options);
	row_span(&row, KEY_COMMENT, line->comment);
	row_file_time(&row, KEY_MODIFIED, &facts->modified, raw[0]);
	row_file_time(&row, KEY_CHANGED, &facts->changed, raw[1]);
	if (!result)
		result = k->host.c->sink->row(k->host.c->sink, &row, f);
	buf_done(&print);
	return result;
}

static bool is_listed(const struct buf *list, struct span wanted)
{
	struct span rest = buf_span(list), item;

	while (list_next(&rest, &item))
		if (span_equal(item, wanted))
			return true;
	return false;
}

static int read_key_file(struct keys *k, struct span path, struct span user, struct fail *f)
{
	struct file_facts facts;
	struct buf text = { 0 };
	struct key_line line;
	struct span rest;
	int result = host_stat(&k->host, path, true, &facts, NULL, f);

	if (result <= 0 || facts.kind == 'd' || is_listed(&k->seen, path))
		return result < 0 ? -1 : 0;
	list_add(&k->seen, path);
	result = host_slurp(&k->host, path, &text, f);
	rest = buf_span(&text);
	for (size_t number = 1; result >= 0 && rest.size; number++)
		if (authorized_key_parse(span_until(&rest, '\n'), &line))
			result = emit(k, &facts, number, user, &line, f);
	buf_done(&text);
	return result < 0 ? -1 : 0;
}

static int read_config(struct keys *k, struct span path, int depth, struct fail *f);

/* Include: patterns with * in the last part, below /etc/ssh if relative. */
static int follow(struct keys *k, struct span pattern, int depth, struct fail *f)
{
	struct buf full = { 0 }, names = { 0 }, path = { 0 };
	struct span rest, name, folder, wanted;
	int result;

	if (pattern.size && pattern.data[0] != '/')
		buf_text(&full, "/etc/ssh/");
	buf_add(&full, pattern);
	folder = path_parent(buf_span(&full));
	wanted = path_base(buf_span(&full));
	result = host_list(&k->host, folder, &names, f);
	rest = buf_span(&names);
	while (result >= 0 && list_next(&rest, &name)) {
		buf_clear(&path);
		path_join(&path, folder, name);
		if (!path_match(wanted, name))
			continue;
		if (depth >= DEPTH || k->configs >= CONFIGS)
			result = host_note(&k->host, buf_span(&path), f, "too many files include each other");
		else
			result = read_config(k, buf_span(&path), depth + 1, f);
	}
	buf_done(&full);
	buf_done(&names);
	buf_done(&path);
	return result < 0 ? -1 : 0;
}

static bool is_word(struct span word, const char *lower)
{
	size_t i = 0;

	for (; i < word.size && lower[i]; i++)
		if ((word.data[i] | 0x20) != (uint8_t)lower[i])
			return false;
	return i == word.size && !lower[i];
}

/* Every AuthorizedKeysFile counts, also those of Match blocks. */
static int read_config(struct keys *k, struct span path, int depth, struct fail *f)
{
	struct buf text = { 0 };
	struct span rest, line, key, word;
	int result = host_slurp(&k->host, path, &text, f);

	k->configs++;
	rest = buf_span(&text);
	while (result >= 0 && rest.size) {
		line = span_until(&rest, '\n');
		key = sshd_key(&line);
		while (result >= 0 && is_word(key, "authorizedkeysfile") && sshd_word(&line, &word))
			if (!is_listed(&k->patterns, word))
				list_add(&k->patterns, word);
		while (result >= 0 && is_word(key, "include") && sshd_word(&line, &word))
			result = follow(k, word, depth, f);
	}
	buf_done(&text);
	return result < 0 ? -1 : 0;
}

static int read_user(struct keys *k, const struct passwd *user, struct fail *f)
{
	struct span rest = buf_span(&k->patterns), pattern;
	struct buf path = { 0 }, clean = { 0 };
	int result = 0;

	while (!result && list_next(&rest, &pattern)) {
		bool shared;

		buf_clear(&path);
		buf_clear(&clean);
		if (!key_file_of(&path, pattern, user->name, user->uid_number, user->home, &shared))
			continue;
		path_clean(&clean, buf_span(&path));
		result = read_key_file(k, buf_span(&clean), shared ? (struct span){ 0 } : user->name, f);
	}
	buf_done(&path);
	buf_done(&clean);
	return result;
}

/* What else lies in /etc/ssh under such a name, and the file of dropbear. */
static int read_others(struct keys *k, struct fail *f)
{
	struct buf names = { 0 }, path = { 0 };
	struct span rest, name;
	int result = host_list(&k->host, span_of("/etc/ssh"), &names, f);

	rest = buf_span(&names);
	while (result >= 0 && list_next(&rest, &name)) {
		buf_clear(&path);
		path_join(&path, span_of("/etc/ssh"), name);
		if (span_starts(name, "authorized_keys"))
			result = read_key_file(k, buf_span(&path), (struct span){ 0 }, f);
	}
	buf_done(&names);
	buf_done(&path);
	return result < 0 ? -1 : read_key_file(k, span_of("/etc/dropbear/authorized_keys"),
	                                       span_of("root"), f);
}

static int authorized_key_run(struct collection *c, struct fail *f)
{
	struct keys k = { 0 };
	int result = host_open(&k.host, c, f);

	if (result)
		return result;
	for (size_t i = 0; i < sizeof patterns_always / sizeof *patterns_always; i++)
		list_add(&k.patterns, span_of(patterns_always[i]));
	result = read_config(&k, span_of("/etc/ssh/sshd_config"), 0, f);
	for (size_t i = 0; !result && i < k.host.user_count && !collection_stopped(c); i++)
		if (k.host.users[i].home.size)
			result = read_user(&k, &k.host.users[i], f);
	if (!result)
		result = read_others(&k, f);
	if (!result && (k.patterns.bad || k.seen.bad))
		result = fail_set(f, "out of memory");
	buf_done(&k.patterns);
	buf_done(&k.seen);
	host_done(&k.host);
	return result;
}

static const struct table *const tables[] = { &table_authorized_key, NULL };

const struct module module_authorized_key = {
	.name = "authorized_key", .help = "keys that may log on by SSH",
	.stage = STAGE_SESSION, .least = PROFILE_QUICK, .tables = tables, .run = authorized_key_run,
};
