#include "cicu.h"

#include <unicode/ubrk.h>

void *cicu_line_breaker(const char *language) {
    UErrorCode status = U_ZERO_ERROR;
    UBreakIterator *breaker = ubrk_open(UBRK_LINE, language, NULL, 0, &status);
    return U_SUCCESS(status) ? breaker : NULL;
}

void cicu_close(void *breaker) { ubrk_close((UBreakIterator *)breaker); }

int32_t cicu_line_breaks(void *breaker, const uint16_t *text, int32_t length, int32_t *offsets, int32_t capacity) {
    UErrorCode status = U_ZERO_ERROR;
    ubrk_setText((UBreakIterator *)breaker, (const UChar *)text, length, &status);
    if (U_FAILURE(status)) return -1;
    int32_t count = 0;
    for (int32_t at = ubrk_next((UBreakIterator *)breaker); at != UBRK_DONE && count < capacity;
         at = ubrk_next((UBreakIterator *)breaker))
        offsets[count++] = at;
    return count;
}
