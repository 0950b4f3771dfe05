/* SPDX-License-Identifier: Apache-2.0 */
#include "collectors/linux/scope.h"

#include "lib/instant.h"
#include "lib/path.h"

/* Accounts below belong to services, whose homes hold data such as a database. */
enum { PERSONS = 1000 };

enum { SET_ID = 06000, EXECUTE = 0111 };

static const char *const temporary[] = {
	"/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue", "/run/shm", "/run/user", "/run/lock", "/var/crash",
	"/var/lock", "/usr/tmp",
};

static const char *const web[] = {
	"/var/www", "/srv/www", "/srv/http", "/srv/htdocs", "/usr/share/nginx", "/usr/share/httpd",
	"/usr/local/apache", "/usr/local/apache2", "/usr/local/nginx", "/usr/local/lsws", "/opt/lampp",
	"/opt/bitnami", "/usr/local/www", "/var/lib/tomcat", "/opt/tomcat", "/usr/share/tomcat",
};

static const char *const programs[] = {
	"/bin", "/sbin", "/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin", "/opt/bin",
	"/usr/games", "/usr/local/games", "/snap/bin",
};

/* What an account may name as its home although it holds the system, not a person's files. */
static const char *const system_homes[] = {
	"/bin", "/boot", "/dev", "/etc", "/lib", "/lib32", "/lib64", "/libx32", "/opt", "/proc", "/run",
	"/sbin", "/srv", "/sys", "/usr", "/var", "/home",
};

static const struct { const char *end; unsigned why; } endings[] = {
	{ ".so", WHY_EXECUTABLE }, { ".ko", WHY_EXECUTABLE }, { ".elf", WHY_EXECUTABLE },
	{ ".exe", WHY_EXECUTABLE }, { ".dll", WHY_EXECUTABLE }, { ".jar", WHY_EXECUTABLE },
	{ ".war", WHY_EXECUTABLE }, { ".bin", WHY_EXECUTABLE }, { ".run", WHY_EXECUTABLE },
	{ ".AppImage", WHY_EXECUTABLE }, { ".deb", WHY_EXECUTABLE }, { ".rpm", WHY_EXECUTABLE },
	{ ".ko.xz", WHY_EXECUTABLE }, { ".ko.zst", WHY_EXECUTABLE }, { ".ko.gz", WHY_EXECUTABLE },
	{ ".sh", WHY_SCRIPT }, { ".bash", WHY_SCRIPT }, { ".py", WHY_SCRIPT }, { ".pl", WHY_SCRIPT },
	{ ".pm", WHY_SCRIPT }, { ".rb", WHY_SCRIPT }, { ".php", WHY_SCRIPT }, { ".phtml", WHY_SCRIPT },
	{ ".jsp", WHY_SCRIPT }, { ".jspx", WHY_SCRIPT }, { ".asp", WHY_SCRIPT }, { ".aspx", WHY_SCRIPT },
	{ ".cgi", WHY_SCRIPT }, { ".js", WHY_SCRIPT }, { ".mjs", WHY_SCRIPT }, { ".lua", WHY_SCRIPT },
	{ ".tcl", WHY_SCRIPT }, { ".awk", WHY_SCRIPT }, { ".ps1", WHY_SCRIPT }, { ".bat", WHY_SCRIPT },
	{ ".vbs", WHY_SCRIPT }, { ".zsh", WHY_SCRIPT }, { ".fish", WHY_SCRIPT },
};

static const struct { unsigned why; const char *name; } names[] = {
	{ WHY_SETID, "set-id" }, { WHY_CAPABILITIES, "capabilities" }, { WHY_EXECUTABLE, "executable" },
	{ WHY_SCRIPT, "script" }, { WHY_PROGRAM_DIRECTORY, "program-directory" },
	{ WHY_TEMPORARY, "temporary" }, { WHY_WEB, "web" }, { WHY_HOME, "home" },
	{ WHY_CHANGED, "changed" }, { WHY_DEVICE, "device" }, { WHY_ALL, "all" },
};

void scope_init(struct scope *s, enum profile profile, int64_t now, const struct homes *homes)
{
	*s = (struct scope){
		.profile = profile, .homes = homes,
		.changed_since = instant_seconds(now) - (int64_t)SCOPE_DAYS * 86400,
	};
}

void scope_done(struct scope *s)
{
	buf_done(&s->directory);
}

static bool is_below(struct span path, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (path_below(path, span_of(list[i])))
			return true;
	return false;
}

static bool is_one_of(struct span path, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (span_is(path, list[i]))
			return true;
	return false;
}

#define BELOW(path, list) is_below((path), (list), sizeof(list) / sizeof *(list))
#define ONE_OF(path, list) is_one_of((path), (list), sizeof(list) / sizeof *(list))

/* Whether the directory is a person's home or lies in one, and whether in its web pages. */
static unsigned in_home(const struct scope *s, struct span directory)
{
	const struct home *home;
	int depth = 0;

	for (size_t at = 1; at <= directory.size && depth < SCOPE_HOME_DEPTH; at++) {
		struct span part = span_part(directory, 0, at);
		struct span rest = span_part(directory, at, directory.size);

		if (at < directory.size && directory.data[at] != '/')
			continue;
		depth++;
		home = homes_find(s->homes, part);
		if (!home || (home->uid > 0 && home->uid < PERSONS) || ONE_OF(part, system_homes) ||
		    BELOW(part, programs))
			continue;
		return WHY_HOME | (span_starts(rest, "/public_html") || span_starts(rest, "/www") ? WHY_WEB : 0u);
	}
	return 0;
}

static unsigned judge_directory(struct scope *s, struct span directory)
{
	if (s->directory.size && span_equal(directory, buf_span(&s->directory)))
		return s->directory_why;
	s->directory_why = 0;
	if (BELOW(directory, temporary))
		s->directory_why |= WHY_TEMPORARY;
	if (BELOW(directory, web))
		s->directory_why |= WHY_WEB;
	if (BELOW(directory, programs))
		s->directory_why |= WHY_PROGRAM_DIRECTORY;
	s->directory_why |= in_home(s, directory);
	buf_clear(&s->directory);
	buf_add(&s->directory, directory);
	return s->directory_why;
}

/* A program by its execute bit or by its name: "libc.so.6" too. */
static unsigned judge_name(struct span name, int64_t mode)
{
	unsigned why = mode & EXECUTE ? WHY_EXECUTABLE : 0u;

	if (span_contains(name, ".so."))
		why |= WHY_EXECUTABLE;
	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
		if (span_ends(name, endings[i].end))
			why |= endings[i].why;
	return why;
}

static bool is_since(const struct file_time *t, int64_t since)
{
	return t->set && t->seconds >= since;
}

unsigned scope_of(struct scope *s, const struct file_facts *facts)
{
	bool regular = facts->kind == 'f', node = facts->kind == 'b' || facts->kind == 'c';
	unsigned why = judge_directory(s, path_parent(facts->path));

	if (s->profile == PROFILE_FULL)
		why |= WHY_ALL;
	else if (facts->kind == 'd')
		return 0;
	if (node && !path_below(facts->path, span_of("/dev")))
		why |= WHY_DEVICE;
	if (regular && facts->mode & SET_ID)
		why |= WHY_SETID;
	if (regular)
		why |= judge_name(path_base(facts->path), facts->mode);
	if (is_since(&facts->modified, s->changed_since) || is_since(&facts->changed, s->changed_since) ||
	    is_since(&facts->born, s->changed_since))
		why |= WHY_CHANGED;
	if (node && path_below(facts->path, span_of("/dev")) && !(why & (WHY_TEMPORARY | WHY_ALL)))
		return 0;
	if (s->profile == PROFILE_QUICK) {
		bool program = why & WHY_PROGRAM_DIRECTORY && why & (WHY_EXECUTABLE | WHY_SCRIPT);

		return program || why & (WHY_SETID | WHY_TEMPORARY | WHY_DEVICE) ? why : 0;
	}
	return why == WHY_PROGRAM_DIRECTORY && !regular ? 0 : why;
}

void scope_names(unsigned why, struct buf *list)
{
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (why & names[i].why)
			list_add(list, span_of(names[i].name));
}
