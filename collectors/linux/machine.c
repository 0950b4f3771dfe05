/* SPDX-License-Identifier: Apache-2.0 */
/* What the host is: names, system, firmware, clock, and the rights with which it is read. */
#include <errno.h>
#include <stdio.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "collectors/host_zone.h"
#include "collectors/module.h"
#include "collectors/self.h"
#include "lib/instant.h"

enum { SMALL_BYTES = 4096, FILE_BYTES = 1 << 20 };

/* All texts of the row, which borrows from them until it is sent. */
struct facts {
	struct buf name, fqdn, machine_id, boot_id, release, kernel, arch, command_line;
	struct buf vendor, model, serial, cpu, virtual, security, file;
};

/* The trimmed contents of a small file of the host; false and nothing added if there is none. */
static bool slurp(struct collection *c, const char *path, size_t limit, struct buf *out)
{
	size_t start = out->size;
	struct span text;
	struct fail why;
	bool cut;

	if (os_slurp(c->root, span_of(path), limit, out, &cut, &why))
		return false;
	text = span_part(buf_span(out), start, out->size);
	while (text.size && (text.data[text.size - 1] == 0 || text.data[text.size - 1] == '\n'))
		text.size--;
	out->size = start + text.size;
	return text.size > 0;
}

static void put(struct row *row, int column, const struct buf *text)
{
	if (text->size)
		row_span(row, column, buf_span(text));
}

static bool slurp_number(struct collection *c, const char *path, struct buf *held, int64_t *out)
{
	buf_clear(held);
	return slurp(c, path, SMALL_BYTES, held) && span_number(span_trim(buf_span(held)), out);
}

/* The value of NAME= in os-release, without its quotes. */
static struct span release_value(struct span text, const char *name)
{
	while (text.size) {
		struct span line = span_until(&text, '\n'), value = line, key = span_until(&value, '=');

		if (!span_is(key, name))
			continue;
		value = span_trim(value);
		if (value.size >= 2 && (value.data[0] == '"' || value.data[0] == '\'') &&
		    value.data[value.size - 1] == value.data[0])
			value = span_part(value, 1, value.size - 2);
		return value;
	}
	return (struct span){ 0 };
}

static void add_system(struct collection *c, struct facts *x, struct row *row)
{
	struct span text;

	if (!slurp(c, "/etc/os-release", FILE_BYTES, &x->release))
		slurp(c, "/usr/lib/os-release", FILE_BYTES, &x->release);
	text = buf_span(&x->release);
	row_text(row, HOST_OS, "linux");
	row_span(row, HOST_OS_NAME, release_value(text, "PRETTY_NAME"));
	row_span(row, HOST_OS_ID, release_value(text, "ID"));
	row_span(row, HOST_OS_VERSION, release_value(text, "VERSION_ID"));
	if (!slurp(c, "/etc/machine-id", SMALL_BYTES, &x->machine_id))
		slurp(c, "/var/lib/dbus/machine-id", SMALL_BYTES, &x->machine_id);
	put(row, HOST_MACHINE_ID, &x->machine_id);
}

/* The full name that /etc/hosts gives to the short one. */
static void find_full_name(struct collection *c, struct facts *x)
{
	struct span text, name = buf_span(&x->name);

	if (name.size > span_find(name, '.')) {
		buf_add(&x->fqdn, name);
		return;
	}
	buf_clear(&x->file);
	slurp(c, "/etc/hosts", FILE_BYTES, &x->file);
	text = buf_span(&x->file);
	while (text.size && name.size && !x->fqdn.size) {
		struct span line = span_until(&text, '\n'), rest = span_until(&line, '#'), word;

		for (span_word(&rest); (word = span_word(&rest)).size && !x->fqdn.size;)
			if (word.size > name.size && word.data[name.size] == '.' &&
			    span_equal(span_part(word, 0, name.size), name))
				buf_add(&x->fqdn, word);
	}
}

static void add_names(struct collection *c, struct facts *x, struct row *row)
{
	struct utsname kernel;

	if (c->live && uname(&kernel) == 0) {
		buf_text(&x->name, kernel.nodename);
		buf_printf(&x->kernel, "%s %s", kernel.release, kernel.version);
		buf_text(&x->arch, kernel.machine);
	} else {
		slurp(c, "/etc/hostname", SMALL_BYTES, &x->name);
	}
	find_full_name(c, x);
	put(row, HOST_NAME, &x->name);
	put(row, HOST_FQDN, &x->fqdn);
	put(row, HOST_KERNEL, &x->kernel);
	put(row, HOST_ARCH, &x->arch);
}

/* The value of the first "NAME : value" line; /proc/cpuinfo and /proc/meminfo look so. */
static struct span colon_value(struct span text, const char *name)
{
	while (text.size) {
		struct span value = span_until(&text, '\n'), key = span_trim(span_until(&value, ':'));

		if (span_is(key, name))
			return span_trim(value);
	}
	return (struct span){ 0 };
}

static void add_machine(struct collection *c, struct facts *x, struct row *row)
{
	struct span value;
	int64_t kilobytes;
	long processors = sysconf(_SC_NPROCESSORS_ONLN);

	slurp(c, "/sys/class/dmi/id/sys_vendor", SMALL_BYTES, &x->vendor);
	if (!slurp(c, "/sys/class/dmi/id/product_name", SMALL_BYTES, &x->model))
		slurp(c, "/proc/device-tree/model", SMALL_BYTES, &x->model);
	slurp(c, "/sys/class/dmi/id/product_serial", SMALL_BYTES, &x->serial);
	put(row, HOST_VENDOR, &x->vendor);
	put(row, HOST_MODEL, &x->model);
	put(row, HOST_SERIAL, &x->serial);
	buf_clear(&x->file);
	slurp(c, "/proc/cpuinfo", FILE_BYTES, &x->file);
	buf_add(&x->cpu, colon_value(buf_span(&x->file), "model name"));
	put(row, HOST_CPU, &x->cpu);
	if (processors > 0)
		row_int(row, HOST_CPUS, processors);
	buf_clear(&x->file);
	slurp(c, "/proc/meminfo", FILE_BYTES, &x->file);
	value = colon_value(buf_span(&x->file), "MemTotal");
	if (span_number(span_word(&value), &kilobytes))
		row_int(row, HOST_MEMORY, kilobytes * 1024);
}

/* What the host runs in, as files of containers and firmware names show it. */
static void find_virtual(struct collection *c, struct facts *x)
{
	static const struct { const char *path, *kind; } files[] = {
		{ "/.dockerenv", "docker" }, { "/run/.containerenv", "podman" },
		{ "/run/systemd/container", "container" }, { "/proc/vz", "openvz" },
	};
	static const struct { const char *text, *kind; } firmware[] = {
		{ "QEMU", "qemu" }, { "KVM", "kvm" }, { "VMware", "vmware" }, { "VirtualBox", "virtualbox" },
		{ "innotek", "virtualbox" }, { "Virtual Machine", "hyper-v" }, { "Amazon EC2", "aws" },
		{ "Google", "gcp" }, { "Xen", "xen" }, { "Parallels", "parallels" }, { "OpenStack", "openstack" },
		{ "Bochs", "bochs" }, { "BHYVE", "bhyve" },
	};
	struct file_facts facts;
	struct rights rights;
	struct fail why;

	self_rights(&rights);
	/* Such a file is also left in images that now run as whole machines. */
	for (size_t i = 0; i < sizeof files / sizeof *files && rights.contained && !x->virtual.size; i++)
		if (os_stat(c->root, span_of(files[i].path), false, &facts, NULL, &why) == 0)
			buf_text(&x->virtual, files[i].kind);
	for (size_t i = 0; i < sizeof firmware / sizeof *firmware && !x->virtual.size; i++)
		if (span_contains(buf_span(&x->vendor), firmware[i].text) ||
		    span_contains(buf_span(&x->model), firmware[i].text))
			buf_text(&x->virtual, firmware[i].kind);
	if (!x->virtual.size)
		slurp(c, "/sys/hypervisor/type", SMALL_BYTES, &x->virtual);
	if (x->virtual.size)
		return;
	buf_clear(&x->file);
	slurp(c, "/proc/cpuinfo", FILE_BYTES, &x->file);
	if (span_contains(colon_value(buf_span(&x->file), "flags"), " hypervisor"))
		buf_text(&x->virtual, "virtual machine");
}

/* Adds "NAME=value" where the file exists; `chosen`: the word in brackets alone counts. */
static void add_state(struct collection *c, struct facts *x, const char *name, const char *path,
                      bool chosen)
{
	struct span value;
	struct buf item = { 0 };

	buf_clear(&x->file);
	if (!slurp(c, path, SMALL_BYTES, &x->file))
		return;
	value = buf_span(&x->file);
	if (chosen) {
		span_until(&value, '[');
		value = span_until(&value, ']');
	}
	buf_printf(&item, "%s=", name);
	buf_add(&item, value);
	list_add(&x->security, buf_span(&item));
	buf_done(&item);
}

static void add_security(struct collection *c, struct facts *x, struct row *row)
{
	static const char secure_boot[] =
		"/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c";
	struct fail why;
	struct span rest;
	bool cut;

	buf_clear(&x->file);
	slurp(c, "/sys/kernel/security/lsm", SMALL_BYTES, &x->file);
	for (rest = buf_span(&x->file); rest.size;)
		list_add(&x->security, span_until(&rest, ','));
	add_state(c, x, "lockdown", "/sys/kernel/security/lockdown", true);
	add_state(c, x, "selinux-enforcing", "/sys/fs/selinux/enforce", false);
	add_state(c, x, "apparmor", "/sys/module/apparmor/parameters/enabled", false);
	buf_clear(&x->file);
	/* Four bytes of attributes, then one of value. */
	if (os_slurp(c->root, span_of(secure_boot), 16, &x->file, &cut, &why) == 0 && x->file.size == 5)
		list_add(&x->security, span_of(x->file.data[4] ? "secure-boot=on" : "secure-boot=off"));
	put(row, HOST_SECURITY, &x->security);
}

static void add_kernel_state(struct collection *c, struct facts *x, struct row *row)
{
	struct span text;
	int64_t number;

	if (slurp(c, "/proc/sys/kernel/random/boot_id", SMALL_BYTES, &x->boot_id))
		put(row, HOST_BOOT_ID, &x->boot_id);
	if (slurp(c, "/proc/cmdline", FILE_BYTES, &x->command_line))
		put(row, HOST_CMDLINE, &x->command_line);
	if (slurp_number(c, "/proc/sys/kernel/tainted", &x->file, &number))
		row_int(row, HOST_TAINT, number);
	buf_clear(&x->file);
	slurp(c, "/proc/uptime", SMALL_BYTES, &x->file);
	text = buf_span(&x->file);
	if (span_number(span_until(&text, '.'), &number))
		row_int(row, HOST_UPTIME, number);
	buf_clear(&x->file);
	slurp(c, "/proc/stat", FILE_BYTES, &x->file);
	for (text = buf_span(&x->file); text.size;) {
		struct span line = span_until(&text, '\n');
		int64_t instant;

		if (span_is(span_word(&line), "btime") && span_number(span_trim(line), &number) &&
		    instant_of(number, 0, &instant))
			row_time(row, HOST_BOOTED, instant);
	}
}

static void add_rights(struct row *row)
{
	struct rights rights;

	self_rights(&rights);
	row_bool(row, HOST_ROOT, rights.all);
	row_int(row, HOST_CAPABILITIES, (int64_t)rights.capabilities);
}

static int note_gaps(struct collection *c, struct fail *f)
{
	struct rights rights;
	struct fail why;
	const char *text;

	self_rights(&rights);
	for (unsigned i = 0; (text = self_gap(&rights, c->live, i)); i++) {
		for (int lang = 0; lang < LANGS; lang++)
			snprintf(why.text[lang], FAIL_TEXT, "%s", msg((enum lang)lang, text));
		why.code = EPERM;
		if (collection_note(c, (struct span){ 0 }, &why, f))
			return -1;
	}
	return 0;
}

static int take(struct collection *c, struct facts *x, struct fail *f)
{
	struct row row = row_on(&table_host);
	struct host_zone zone;
	int64_t now = os_now();
	struct fail why;
	int result = 0;

	row_time(&row, HOST_COLLECTED, now);
	add_names(c, x, &row);
	add_system(c, x, &row);
	if (c->live) {
		add_kernel_state(c, x, &row);
		add_machine(c, x, &row);
		find_virtual(c, x);
		put(&row, HOST_VIRTUAL, &x->virtual);
		add_security(c, x, &row);
	}
	add_rights(&row);
	if (host_zone_read(&zone, c->root, now, &why))
		result = collection_note(c, span_of("/etc/localtime"), &why, f);
	put(&row, HOST_ZONE, &zone.name);
	row_int(&row, HOST_OFFSET, zone.offset);
	if (!result)
		result = c->sink->row(c->sink, &row, f);
	host_zone_done(&zone);
	return result;
}

static int machine_run(struct collection *c, struct fail *f)
{
	struct facts x = { 0 };
	struct buf *const texts[] = {
		&x.name, &x.fqdn, &x.machine_id, &x.boot_id, &x.release, &x.kernel, &x.arch, &x.command_line,
		&x.vendor, &x.model, &x.serial, &x.cpu, &x.virtual, &x.security, &x.file,
	};
	int result = take(c, &x, f);

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		buf_done(texts[i]);
	return result ? result : note_gaps(c, f);
}

static const struct table *const tables[] = { &table_host, NULL };

const struct module module_machine = {
	.name = "machine",
	.help = "the host: names, system, hardware, clock, and the rights of this run",
	.stage = STAGE_MEMORY,
	.least = PROFILE_QUICK,
	.tables = tables,
	.run = machine_run,
};
