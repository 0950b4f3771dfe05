/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_PLATFORM_H
#define KAKE_PLATFORM_H
/* Lets the other platform's lines of modules.def expand to nothing. */
#define COMMA ,
#define MODULE_common(...) __VA_ARGS__
#ifdef _WIN32
#define MODULE_linux(...)
#define MODULE_windows(...) __VA_ARGS__
#else
#define MODULE_linux(...) __VA_ARGS__
#define MODULE_windows(...)
#endif
#endif
