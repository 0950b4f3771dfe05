/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

#include <stdlib.h>

#include "collectors/artifacts.h"
#include "collectors/secrets.h"
#include "lib/os.h"

static int add_text(struct artifacts *a, const char *yaml, struct fail *f)
{
	return artifacts_add(a, "test.yaml", span_of(yaml), f);
}

/* ---- against the public definitions, as PyYAML reads them ---- */

/* SHA-256 of the names with line ends between. */
static void digest_of_names(const struct artifacts *a, struct buf *hex)
{
	struct buf joined = { 0 };
	uint8_t digest[SHA256_SIZE];
	struct fail f;

	for (size_t i = 0; i < a->count; i++) {
		buf_text(&joined, i ? "\n" : "");
		buf_add(&joined, buf_span(&a->items[i]->name));
	}
	CHECK_INT(hash_sha256(buf_span(&joined), digest, &f), 0);
	buf_hex(hex, (struct span){ digest, sizeof digest });
	buf_done(&joined);
}

/* "FILE:2;PATH:1" in the order of the names. */
static void count_types(const struct artifacts *a, struct buf *out)
{
	static const char *const types[] = {
		"ARTIFACT_GROUP", "COMMAND", "FILE", "PATH", "REGISTRY_KEY", "REGISTRY_VALUE", "WMI",
	};

	for (size_t t = 0; t < sizeof types / sizeof *types; t++) {
		int count = 0;

		for (size_t i = 0; i < a->count; i++)
			for (size_t j = 0; j < a->items[i]->source_count; j++)
				count += span_is(buf_span(&a->items[i]->sources[j].type_name), types[t]);
		if (count)
			buf_printf(out, "%s%s:%d", out->size ? ";" : "", types[t], count);
	}
}

static void compare_file(struct span line, struct artifacts *all)
{
	struct span path = span_until(&line, '\t'), count = span_until(&line, '\t'),
	            names = span_until(&line, '\t'), types = span_until(&line, '\t');
	struct artifacts one = { 0 };
	struct buf file = { 0 }, bytes = { 0 }, text = { 0 };
	int64_t wanted = -1;
	struct fail f = { 0 };

	buf_text(&file, CORPUS_DIR "/");
	buf_add(&file, path);
	CHECK_INT(os_read_whole(buf_string(&file), ARTIFACTS_BYTES, &bytes, &f), 0);
	CHECK_INT(artifacts_add(&one, buf_string(&file), buf_span(&bytes), &f), 0);
	CHECK(span_number(count, &wanted));
	CHECK_INT(one.count, wanted);
	digest_of_names(&one, &text);
	CHECK_SPAN(buf_span(&text), names);
	buf_clear(&text);
	count_types(&one, &text);
	CHECK_SPAN(buf_span(&text), types);
	CHECK_INT(artifacts_add(all, buf_string(&file), buf_span(&bytes), &f), 0);
	artifacts_done(&one);
	buf_done(&file);
	buf_done(&bytes);
	buf_done(&text);
}

TEST(artifacts_reads_the_public_definitions)
{
	struct buf summary = { 0 };
	struct artifacts all = { 0 };
	struct span rest;
	struct fail f;

	if (os_read_whole(CORPUS_DIR "/expected/artifacts-definitions/summary.tsv", 1 << 20, &summary, &f)) {
		test_skip("the corpus is not there");
		return;
	}
	rest = buf_span(&summary);
	span_until(&rest, '\n');
	while (rest.size) {
		struct span line = span_until(&rest, '\n');

		if (span_starts(line, "artifacts-definitions/"))
			compare_file(line, &all);
	}
	CHECK_INT(all.count, 731);
	/* Together they are whole: every group finds its members. */
	CHECK_INT(artifacts_check(&all, &f), 0);
	CHECK(artifacts_find(&all, span_of("LinuxAuditLogs")) != NULL ||
	      artifacts_find(&all, span_of("LinuxAuditLogFiles")) != NULL);
	artifacts_done(&all);
	buf_done(&summary);
}

/* ---- our own ---- */

static int count_one(void *context, struct artifact *artifact, struct fail *f)
{
	(void)artifact;
	(void)f;
	++*(int *)context;
	return 0;
}

TEST(artifacts_of_the_program_hold_together)
{
	struct artifacts a = { 0 };
	struct fail f = { 0 };
	int quick = 0, standard = 0, full = 0;

	CHECK_INT(artifacts_load(&a, NULL, &f), 0);
	CHECK_TEXT(f.text[LANG_EN], "");
	CHECK_INT(artifacts_each(&a, span_of("KaketsukeQuick"), count_one, &quick, &f), 0);
	artifacts_forget(&a);
	CHECK_INT(artifacts_each(&a, span_of("KaketsukeStandard"), count_one, &standard, &f), 0);
	artifacts_forget(&a);
	CHECK_INT(artifacts_each(&a, span_of("KaketsukeFull"), count_one, &full, &f), 0);
	CHECK(quick > 10 && standard > quick && full > standard);
	/* No definition that no profile reaches, but for the three groups themselves. */
	CHECK_INT(full + 3, a.count);
	for (size_t i = 0; i < a.count; i++)
		CHECK(a.items[i]->doc.size > 0 && artifact_is_for(&a.items[i]->os, "Linux"));
	artifacts_done(&a);
}

/* ---- mistakes ---- */

static const struct { const char *what, *yaml; } refused[] = {
	{ "no name", "doc: x\nsources:\n- type: FILE\n  attributes: {paths: [/x]}\n" },
	{ "no sources", "name: A\ndoc: x\n" },
	{ "sources no list", "name: A\nsources: x\n" },
	{ "empty sources", "name: A\nsources: []\n" },
	{ "no paths", "name: A\nsources:\n- type: FILE\n  attributes: {}\n" },
	{ "no attributes", "name: A\nsources:\n- type: FILE\n" },
	{ "paths no list", "name: A\nsources:\n- type: FILE\n  attributes: {paths: /x}\n" },
	{ "path a map", "name: A\nsources:\n- type: FILE\n  attributes: {paths: [{a: b}]}\n" },
	{ "NUL in a path", "name: A\nsources:\n- type: FILE\n  attributes: {paths: [\"/x\\0y\"]}\n" },
	{ "a list", "- a\n- b\n" },
	{ "no YAML", "name: [A\n" },
	{ "twice", "name: A\nsources:\n- type: WMI\n---\nname: A\nsources:\n- type: WMI\n" },
	{ "loop", "name: &a [*a]\nsources: *a\n" },
};

TEST(artifacts_refuses_what_is_malformed)
{
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		struct artifacts a = { 0 };
		struct fail f = { 0 };

		if (add_text(&a, refused[i].yaml, &f) == 0)
			test_fail(__FILE__, __LINE__, refused[i].what);
		CHECK(f.text[LANG_EN][0] != 0 && f.text[LANG_JA][0] != 0);
		CHECK_INT(a.count, 0);
		artifacts_done(&a);
	}
}

TEST(artifacts_unknown_types_are_kept_and_unknown_names_refused)
{
	struct artifacts a = { 0 };
	struct fail f = { 0 };

	CHECK_INT(add_text(&a, "name: A\nsources:\n- type: NOSUCHTYPE\n  attributes: {x: y}\n", &f), 0);
	CHECK_INT(a.items[0]->sources[0].type, ARTIFACT_OTHER);
	CHECK_INT(artifacts_check(&a, &f), 0);
	CHECK_INT(add_text(&a, "name: B\nsources:\n- type: ARTIFACT_GROUP\n  attributes: {names: [A, Missing]}\n", &f), 0);
	CHECK_INT(artifacts_check(&a, &f), -1);
	CHECK(span_contains(span_of(f.text[LANG_EN]), "'Missing'"));
	artifacts_done(&a);
}

TEST(artifacts_groups_in_circles_end)
{
	struct artifacts a = { 0 };
	struct fail f;
	int count = 0;

	CHECK_INT(add_text(&a, "name: A\nsources:\n- type: ARTIFACT_GROUP\n  attributes: {names: [B, C]}\n---\n"
	                       "name: B\nsources:\n- type: ARTIFACT_GROUP\n  attributes: {names: [A]}\n---\n"
	                       "name: C\naliases: [See]\nsources:\n- type: FILE\n  attributes: {paths: [/c]}\n", &f), 0);
	CHECK_INT(artifacts_check(&a, &f), 0);
	CHECK(artifacts_find(&a, span_of("See")) == artifacts_find(&a, span_of("C")));
	CHECK_INT(artifacts_each(&a, span_of("A"), count_one, &count, &f), 0);
	CHECK_INT(count, 1);
	artifacts_done(&a);
}

TEST(artifacts_later_files_replace_earlier_ones)
{
	struct artifacts a = { 0 };
	struct fail f;
	struct artifact *found;

	CHECK_INT(add_text(&a, "name: A\nsources:\n- type: FILE\n  attributes: {paths: [/one]}\n", &f), 0);
	CHECK_INT(add_text(&a, "name: A\nsources:\n- type: FILE\n  attributes: {paths: [/two, /three]}\n", &f), 0);
	CHECK_INT(artifacts_check(&a, &f), 0);
	found = artifacts_find(&a, span_of("A"));
	CHECK(found && span_is(span_part(buf_span(&found->sources[0].values), 0, 4), "/two"));
	artifacts_done(&a);
}

/* ---- what is never taken ---- */

static const struct { const char *path; bool secret; } paths[] = {
	{ "/etc/shadow", true }, { "/etc/shadow-", true }, { "/etc/gshadow", true }, { "/etc/gshadow-", true },
	{ "/etc/shadow.bak", true }, { "/var/backups/shadow.bak", true }, { "/etc/security/opasswd", true },
	{ "/etc/passwd", false }, { "/etc/passwd-", false },
	{ "/etc/ssh/ssh_host_rsa_key", true }, { "/etc/ssh/ssh_host_rsa_key.pub", false },
	{ "/home/a/.ssh/id_ed25519", true }, { "/home/a/.ssh/id_ed25519.pub", false },
	{ "/home/a/.ssh/authorized_keys", false }, { "/home/a/.ssh/known_hosts", false },
	{ "/etc/ssl/private/x.pem", true }, { "/etc/nginx/ssl/server.key", true },
	{ "/home/a/.bash_history", false }, { "/home/a/.gnupg/private-keys-v1.d/1.key", true },
	{ "/home/a/Documents/plan.txt", true }, { "/home/a/ドキュメント/x", true }, { "/home/a/Report.PDF", true },
	{ "/home/a/.config/autostart/x.desktop", false }, { "/var/log/auth.log", false },
	{ "/root/Desktop/x", true }, { "/root/.bashrc", false }, { "/var/log/Documents/x", false },
	{ "/etc/NetworkManager/system-connections/wifi.nmconnection", true },
};

TEST(secrets_are_known_by_path)
{
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
		if ((secret_path(span_of(paths[i].path)) != NULL) != paths[i].secret)
			test_fail(__FILE__, __LINE__, paths[i].path);
}

TEST(secrets_are_known_by_their_bytes)
{
	CHECK(secret_bytes(span_of("-----BEGIN OPENSSH PRIVATE KEY-----\n")) != NULL);
	CHECK(secret_bytes(span_of("# mine\n-----BEGIN RSA PRIVATE KEY-----\n")) != NULL);
	CHECK(secret_bytes(span_of("root:$y$j9T$abc:19000:0:99999:7:::\n")) != NULL);
	CHECK(secret_bytes(span_of("root:x:0:0:root:/root:/bin/bash\n")) == NULL);
	CHECK(secret_bytes(span_of("-----BEGIN CERTIFICATE-----\n")) == NULL);
}
