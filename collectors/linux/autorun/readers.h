/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_AUTORUN_READERS_H
#define KAKE_AUTORUN_READERS_H
/* One reader per kind of file; places.c says which file is read by which. */
#include "collectors/linux/autorun/autorun.h"

#define READER(name) int name(struct autoruns *a, const struct found *file, struct fail *f)

/* ---- read_script.c: the file itself is what runs ---- */
READER(read_script);                     /* an executable */
READER(read_run_parts);                  /* one that run-parts runs, if its name suits */
READER(read_sourced);                    /* a shell reads it; lines that are telling are rows too */
READER(read_init);                       /* init.d, with the run levels of its links */
READER(read_rc_link);                    /* rcN.d, where it is not a link to init.d */
READER(read_library);                    /* something loads it */

/* ---- read_cron.c ---- */
READER(read_crontab);                    /* with a user column */
READER(read_user_crontab);               /* named after its user */
READER(read_anacrontab);
READER(read_at);

/* ---- read_lines.c: a line or a setting is a command or names a file ---- */
READER(read_names);                      /* each word is a file: ld.so.preload */
READER(read_modules);                    /* each line a kernel module */
READER(read_modprobe);                   /* install and remove lines */
READER(read_environment);                /* variables that load code */
READER(read_folders);                    /* ld.so.conf: directories that are not the usual ones */
READER(read_binfmt);
READER(read_inittab);
READER(read_inetd);
READER(read_settings);                   /* settings named in place->words hold a command */
READER(read_pipes);                      /* aliases, .forward, procmailrc: |command */
READER(read_python_path);                /* .pth files: lines that begin with import */
READER(read_telling);                    /* lines that hold one of place->words */

/* ---- read_blocks.c ---- */
READER(read_desktop);
READER(read_dbus);
READER(read_apt);
READER(read_logrotate);

/* ---- read_rules.c ---- */
READER(read_udev);
READER(read_pam);

/* Whether run-parts and cron.d read a file of this name: letters, digits, _ and - alone. */
bool run_parts_takes(struct span name);

/* ---- cron lines ---- */
struct cron_line {
	struct span schedule;                /* "@reboot" or the five fields */
	struct span user, command;           /* as written */
	struct span variable, value;         /* of NAME=value instead */
};
/* 1 and a line, 0 nothing on it, -1 it is no cron line. */
int cron_parse(struct span line, bool with_user, struct cron_line *out);
/* Without what follows the first % that is not behind a backslash: that is standard input. */
struct span cron_program(struct span command);
#endif
