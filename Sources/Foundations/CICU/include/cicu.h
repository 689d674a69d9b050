#pragma once
#include <stdint.h>

// ICU's line breaker without ICU's types: Foundation carries an ICU of its own, whose headers Swift would find to differ.

/// A line breaker of a language, or NULL; close it with cicu_close.
void *cicu_line_breaker(const char *language);

void cicu_close(void *breaker);

/// Writes the offsets at which lines of a UTF-16 text may end, except its start; returns how many there are, at most
/// `capacity`, or -1.
int32_t cicu_line_breaks(void *breaker, const uint16_t *text, int32_t length, int32_t *offsets, int32_t capacity);
