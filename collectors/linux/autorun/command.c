/* SPDX-License-Identifier: Apache-2.0 */
#include "collectors/linux/autorun/command.h"

#include "lib/path.h"
#include "lib/table.h"

enum { SHELL_WRAPPERS = 4 };

/* Words of one simple command, quotes undone, and where the names go. */
struct words {
	struct buf bytes;                /* COL_LIST */
	size_t at[COMMAND_WORDS], count; /* offsets of the words */
	struct buf *out;
	size_t *found;
	int depth;
};

/* Commands that do nothing of their own; what they name is not run. */
static const char *const idle[] = {
	"[",      "[[",     "test",     "cd",       "true",     "false",   ":",       "echo",
	"printf", "export", "set",      "unset",    "umask",    "return",  "exit",    "sleep",
	"read",   "local",  "declare",  "typeset",  "readonly", "shift",   "wait",    "ulimit",
	"pushd",  "popd",   "type",     "which",    "hash",     "unalias", "shopt",   "setopt",
	"bind",   "break",  "continue", "complete", "autoload", "zstyle",  "bindkey", "compdef",
	"for",    "case",   "select",   "function", "esac",     "done",    "fi",
};

/* Key words behind which a command follows. */
static const char *const openers[] = {
	"if", "then", "elif", "else", "while", "until", "do", "!", "{", "}", "time", "and", "or", "not",
	"begin",
};

/*
 * Programs that run the command behind their options. `valued`: letters of options that take the
 * next word; `skip`: words before the command.
 */
static const struct wrapper { const char *name, *valued; int skip; } wrappers[] = {
	/* of the shell itself: no file */
	{ "exec", "a", 0 },         { "command", "", 0 },
	{ "builtin", "", 0 },       { "eval", "", 0 },
	{ "env", "uC", 0 },         { "nice", "n", 0 },
	{ "ionice", "cnp", 0 },     { "nohup", "", 0 },
	{ "setsid", "", 0 },        { "sudo", "ugpCTrth", 0 },
	{ "doas", "uC", 0 },        { "timeout", "ks", 1 },
	{ "chrt", "TPD", 1 },       { "taskset", "", 1 },
	{ "stdbuf", "ioe", 0 },     { "chroot", "", 1 },
	{ "flock", "wE", 1 },       { "systemd-run", "pEMu", 0 },
	{ "systemd-cat", "tp", 0 }, { "systemd-inhibit", "", 0 },
	{ "xargs", "nPIdLsEa", 0 }, { "unshare", "", 0 },
	{ "nsenter", "t", 0 },      { "setpriv", "", 0 },
	{ "watch", "n", 0 },        { "busybox", "", 0 },
	{ "toybox", "", 0 },        { "dbus-run-session", "", 0 },
	{ "dbus-launch", "", 0 },   { "chronic", "", 0 },
	{ "faketime", "", 1 },      { "unbuffer", "", 0 },
	{ "screen", "SLte", 0 },    { "runuser", "ugGs", 0 },
	{ "su", "gGs", 0 },         { "cronitor", "", 1 },
	{ "ssh-agent", "at", 0 },   { "numactl", "NmCpil", 0 },
	{ "prlimit", "", 0 },       { "strace", "eopsu", 0 },
	{ "setarch", "", 1 },       { "linux32", "", 0 },
	{ "linux64", "", 0 },
};

/*
 * `inlined`: letters of options whose value is code of that language; `file`: of one that names a
 * file; `code`: the first word that is no option is code, not a file.
 */
static const struct interpreter {
	const char *name, *inlined, *file, *valued;
	bool code;
} interpreters[] = {
	{ "sh", "c", "", "oO", false },    { "bash", "c", "", "oO", false },
	{ "dash", "c", "", "o", false },   { "ash", "c", "", "o", false },
	{ "zsh", "c", "", "o", false },    { "ksh", "c", "", "o", false },
	{ "mksh", "c", "", "o", false },   { "fish", "c", "", "C", false },
	{ "rbash", "c", "", "oO", false }, { "csh", "c", "", "", false },
	{ "tcsh", "c", "", "", false },    { "python", "cm", "", "WX", false },
	{ "perl", "eEM", "", "I", false }, { "ruby", "er", "", "I", false },
	{ "node", "ep", "", "r", false },  { "nodejs", "ep", "", "r", false },
	{ "php", "r", "f", "cd", false },  { "lua", "e", "", "l", false },
	{ "tclsh", "", "", "", false },    { "expect", "c", "f", "", false },
	{ "java", "", "", "", false },     { "Rscript", "e", "", "", false },
	{ "awk", "", "f", "vF", true },    { "gawk", "", "f", "vF", true },
	{ "mawk", "", "f", "vF", true },   { "pypy", "cm", "", "", false },
	{ "mono", "", "", "", false },     { "osascript", "e", "", "", false },
};

static struct span word_at(const struct words *w, size_t i)
{
	struct span rest = span_part(buf_span(&w->bytes), i < w->count ? w->at[i] : SIZE_MAX, SIZE_MAX);

	return span_until(&rest, 0);
}

/* A name that is made only at run time is left out, but for the home that begins it. */
static void found(struct words *w, struct span name)
{
	struct span rest = name;

	if (span_starts(rest, "$HOME/") || span_starts(rest, "${HOME}/"))
		span_until(&rest, '/');
	if (!rest.size || *w->found >= COMMAND_PROGRAMS || rest.data[0] == '-')
		return;
	for (size_t i = 0; i < rest.size; i++)
		if (strchr("$`*?[]{}\n", rest.data[i]))
			return;
	list_add(w->out, name);
	++*w->found;
}

static bool is_one_of(struct span name, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (span_is(name, names[i]))
			return true;
	return false;
}

static bool is_assignment(struct span word)
{
	size_t equals = span_find(word, '=');

	if (!equals || equals == word.size)
		return false;
	for (size_t i = 0; i < equals; i++) {
		uint8_t byte = word.data[i];

		if (byte != '_' && !(byte >= 'a' && byte <= 'z') && !(byte >= 'A' && byte <= 'Z') &&
		    !(byte >= '0' && byte <= '9' && i) && !(byte == '+' && i + 1 == equals))
			return false;
	}
	return true;
}

/* "python3.11" is "python". */
static const struct interpreter *interpreter_of(struct span name)
{
	while (name.size && strchr("0123456789.", name.data[name.size - 1]))
		name.size--;
	for (size_t i = 0; i < sizeof interpreters / sizeof *interpreters; i++)
		if (span_is(name, interpreters[i].name))
			return &interpreters[i];
	return NULL;
}

static const struct wrapper *wrapper_of(struct span name)
{
	for (size_t i = 0; i < sizeof wrappers / sizeof *wrappers; i++)
		if (span_is(name, wrappers[i].name))
			return &wrappers[i];
	return NULL;
}

static bool has_letter(struct span option, const char *letters)
{
	for (size_t i = 1; i < option.size; i++)
		if (strchr(letters, option.data[i]))
			return true;
	return false;
}

static void read_shell(struct span text, struct buf *out, size_t *count, int depth);

static bool is_shell(const struct interpreter *p)
{
	return strcmp(p->name, "fish") == 0 || strstr(p->name, "sh") != NULL;
}

/* `sh -c CODE`, `python3 -u FILE`, `java -jar FILE`: word i is the interpreter's. */
static void take_interpreter(struct words *w, const struct interpreter *p, size_t i)
{
	bool inlined = false, code_next = false;

	while (++i < w->count) {
		struct span word = word_at(w, i);

		if (code_next && !(word.size && (word.data[0] == '-' || word.data[0] == '+'))) {
			read_shell(word, w->out, w->found, w->depth + 1);
			return;
		}
		if (word.size > 1 && (word.data[0] == '-' || word.data[0] == '+')) {
			if (word.data[1] == '-' || span_is(word, "-jar"))
				continue;
			if (has_letter(word, p->inlined)) {
				inlined = true;
				code_next = is_shell(p);
				i += !code_next && word.size == 2;
			} else if (has_letter(word, p->file)) {
				found(w, word_at(w, i + 1));
				return;
			} else if (has_letter(word, p->valued) && word.size == 2) {
				i++;
			}
			continue;
		}
		if (!inlined && !p->code)
			found(w, word);
		return;
	}
}

/* Where the command of a wrapper begins, or w->count. `-c CODE` is a shell's. */
static size_t behind_options(struct words *w, const struct wrapper *p, size_t i)
{
	int skip = p->skip;

	while (++i < w->count) {
		struct span word = word_at(w, i);

		if (word.size > 1 && word.data[0] == '-') {
			if ((span_is(word, "-c") || span_is(word, "--command")) &&
			    (strcmp(p->name, "su") == 0 || strcmp(p->name, "runuser") == 0 ||
			     strcmp(p->name, "flock") == 0)) {
				read_shell(word_at(w, i + 1), w->out, w->found, w->depth + 1);
				return w->count;
			}
			if (strcmp(p->name, "command") == 0 && has_letter(word, "vV"))
				return w->count;
			if (word.size == 2 && has_letter(word, p->valued))
				i++;
			continue;
		}
		if (span_is(word, "-") || is_assignment(word))
			continue;
		/* su and runuser take a user, and a command only by -c, which may follow. */
		if (strcmp(p->name, "su") == 0)
			continue;
		if (skip-- <= 0)
			return i;
	}
	return i;
}

/* start-stop-daemon names its program by option. */
static void take_daemon(struct words *w, size_t i)
{
	while (++i < w->count) {
		struct span word = word_at(w, i);

		if (span_is(word, "--exec") || span_is(word, "-x") || span_is(word, "--startas") ||
		    span_is(word, "-a"))
			found(w, word_at(w, i + 1));
	}
}

/* Code that is kept for later: alias NAME=CODE, trap CODE SIGNAL, PROMPT_COMMAND=CODE. */
static bool take_kept_code(struct words *w, size_t i)
{
	struct span word = word_at(w, i);

	if (span_starts(word, "PROMPT_COMMAND=")) {
		read_shell(span_part(word, span_find(word, '=') + 1, word.size), w->out, w->found,
				   w->depth + 1);
	} else if (span_is(word, "trap")) {
		read_shell(word_at(w, i + 1), w->out, w->found, w->depth + 1);
	} else if (span_is(word, "alias")) {
		while (++i < w->count) {
			word = word_at(w, i);
			read_shell(span_part(word, span_find(word, '=') + 1, word.size), w->out, w->found,
			           w->depth + 1);
		}
	} else {
		return false;
	}
	return true;
}

/* Takes one simple command; inner programs come before the wrappers around them. */
static void take_command(struct words *w, size_t i)
{
	struct span word, name;
	const struct interpreter *interpreter;
	const struct wrapper *wrapper;

	if (span_is(word_at(w, i), "export"))
		i++;
	if (i < w->count && take_kept_code(w, i))
		return;
	while (i < w->count && (is_assignment(word_at(w, i)) || is_one_of(word_at(w, i), openers,
	       sizeof openers / sizeof *openers)))
		i++;
	if (i >= w->count)
		return;
	word = word_at(w, i);
	name = path_base(word);
	if (is_one_of(word, idle, sizeof idle / sizeof *idle))
		return;
	if (span_is(word, ".") || span_is(word, "source")) {
		found(w, word_at(w, i + 1));
		return;
	}
	interpreter = interpreter_of(name);
	wrapper = wrapper_of(name);
	if (interpreter)
		take_interpreter(w, interpreter, i);
	else if (wrapper)
		take_command(w, behind_options(w, wrapper, i));
	else if (span_is(name, "start-stop-daemon"))
		take_daemon(w, i);
	if (!wrapper || wrapper >= wrappers + SHELL_WRAPPERS)
		found(w, word);
}

static void end_command(struct words *w)
{
	if (w->count)
		take_command(w, 0);
	buf_clear(&w->bytes);
	w->count = 0;
}

static bool is_blank(uint8_t byte)
{
	return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

static void take_quoted(struct span *rest, struct buf *word)
{
	uint8_t quote = rest->data[0];

	*rest = span_part(*rest, 1, rest->size);
	while (rest->size && rest->data[0] != quote) {
		if (quote == '"' && rest->data[0] == '\\' && rest->size > 1)
			*rest = span_part(*rest, 1, rest->size);
		if (rest->data[0])
			buf_byte(word, rest->data[0]);
		*rest = span_part(*rest, 1, rest->size);
	}
	*rest = span_part(*rest, 1, rest->size);
}

bool command_word(struct span *rest, struct buf *word)
{
	while (rest->size && is_blank(rest->data[0]))
		*rest = span_part(*rest, 1, rest->size);
	if (!rest->size)
		return false;
	while (rest->size && !is_blank(rest->data[0])) {
		if (rest->data[0] == '"' || rest->data[0] == '\'') {
			take_quoted(rest, word);
			continue;
		}
		if (rest->data[0] == '\\' && rest->size > 1)
			*rest = span_part(*rest, 1, rest->size);
		if (rest->data[0])
			buf_byte(word, rest->data[0]);
		*rest = span_part(*rest, 1, rest->size);
	}
	return true;
}

/* "$(command)" and `command` within double quotes run. */
static void take_inner(struct words *w, struct span quoted)
{
	for (size_t i = 0; i + 1 < quoted.size; i++) {
		bool opens = quoted.data[i] == '`' || (quoted.data[i] == '$' && quoted.data[i + 1] == '(');

		if (opens) {
			read_shell(span_part(quoted, i + (quoted.data[i] == '`' ? 1 : 2), quoted.size), w->out,
			           w->found, w->depth + 1);
			return;
		}
	}
}

static bool is_operator(uint8_t byte)
{
	return byte && strchr(";&|()<>`\n", byte);
}

static bool all_digits(struct span text)
{
	for (size_t i = 0; i < text.size; i++)
		if (text.data[i] < '0' || text.data[i] > '9')
			return false;
	return true;
}

/* One word of shell text, up to a blank or an operator. */
static void shell_word(struct words *w, struct span *rest)
{
	size_t start = w->bytes.size;

	while (rest->size && !is_blank(rest->data[0]) && !is_operator(rest->data[0])) {
		struct span before = *rest;

		if (rest->data[0] == '"' || rest->data[0] == '\'') {
			take_quoted(rest, &w->bytes);
			if (before.data[0] == '"')
				take_inner(w, span_part(before, 1, before.size - rest->size - 1));
			continue;
		}
		if (rest->data[0] == '\\' && rest->size > 1) {
			*rest = span_part(*rest, 1, rest->size);
			if (rest->data[0] == '\n') {
				*rest = span_part(*rest, 1, rest->size);
				continue;
			}
		}
		if (rest->data[0])
			buf_byte(&w->bytes, rest->data[0]);
		*rest = span_part(*rest, 1, rest->size);
	}
	/* The 2 of 2> is no word. */
	if (w->count == COMMAND_WORDS ||
		(rest->size && strchr("<>", rest->data[0]) && rest->data[0] &&
		 all_digits(span_part(buf_span(&w->bytes), start, w->bytes.size)))) {
		w->bytes.size = start;
		return;
	}
	w->at[w->count++] = start;
	buf_byte(&w->bytes, 0);
}

/* Behind < or >: the file is read or written, not run. */
static void skip_redirection(struct span *rest)
{
	struct buf name = { 0 };

	while (rest->size && strchr("<>&|", rest->data[0]) && rest->data[0])
		*rest = span_part(*rest, 1, rest->size);
	while (rest->size && (rest->data[0] == ' ' || rest->data[0] == '\t'))
		*rest = span_part(*rest, 1, rest->size);
	while (rest->size && !is_blank(rest->data[0]) && !is_operator(rest->data[0])) {
		if (rest->data[0] == '"' || rest->data[0] == '\'')
			take_quoted(rest, &name);
		else
			*rest = span_part(*rest, 1, rest->size);
	}
	buf_done(&name);
}

static void read_shell(struct span text, struct buf *out, size_t *count, int depth)
{
	struct words w = { .out = out, .found = count, .depth = depth };
	int open = 0;

	if (depth >= COMMAND_DEPTH)
		return;
	text = span_part(text, 0, COMMAND_BYTES);
	while (text.size && open >= 0 && *count < COMMAND_PROGRAMS) {
		uint8_t byte = text.data[0];

		if (byte == '<' || byte == '>') {
			skip_redirection(&text);
		} else if (is_operator(byte)) {
			end_command(&w);
			open += (byte == '(') - (byte == ')');
			open = depth || open >= 0 ? open : 0;
			text = span_part(text, 1, text.size);
		} else if (is_blank(byte) || !byte) {
			text = span_part(text, 1, text.size);
		} else if (byte == '#') {
			text = span_part(text, span_find(text, '\n'), text.size);
		} else {
			shell_word(&w, &text);
		}
	}
	end_command(&w);
	buf_done(&w.bytes);
}

/* No operators but a lone ';', which separates commands. */
static void read_exec(struct span text, struct buf *out, size_t *count)
{
	struct words w = { .out = out, .found = count };

	text = span_part(text, 0, COMMAND_BYTES);
	while (*count < COMMAND_PROGRAMS) {
		size_t start = w.bytes.size;

		if (!command_word(&text, &w.bytes))
			break;
		if (w.bytes.size - start == 1 && w.bytes.data[start] == ';') {
			end_command(&w);
		} else if (w.count < COMMAND_WORDS) {
			w.at[w.count++] = start;
			buf_byte(&w.bytes, 0);
		} else {
			w.bytes.size = start;
		}
	}
	end_command(&w);
	buf_done(&w.bytes);
}

void command_programs(struct buf *list, struct span command, enum command_syntax syntax)
{
	size_t count = 0;

	if (syntax == COMMAND_SHELL)
		read_shell(command, list, &count, 0);
	else
		read_exec(command, list, &count);
}
