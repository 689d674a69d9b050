#pragma once
#include <cairo-pdf.h>
#include <fontconfig/fontconfig.h>
#include <hb.h>
#include <pango/pangocairo.h>

// What Swift cannot say itself: casts between GObject classes, and attributes whose ranges are set after they are made.

/// A font map of its own over FreeType fonts; NULL without memory.
static inline PangoFontMap *cpango_font_map_new(void) {
    return pango_cairo_font_map_new_for_font_type(CAIRO_FONT_TYPE_FT);
}

static inline void cpango_unref(void *object) { g_object_unref(object); }

/// Makes a stretch of text use a font; the list owns the attribute.
static inline void cpango_set_font(
    PangoAttrList *list, const PangoFontDescription *font, unsigned start, unsigned end) {
    PangoAttribute *attribute = pango_attr_font_desc_new(font);
    attribute->start_index = start;
    attribute->end_index = end;
    pango_attr_list_insert(list, attribute);
}

/// Keeps stretches of different colour in items of their own.
static inline void cpango_set_colour(
    PangoAttrList *list, unsigned short red, unsigned short green, unsigned short blue, unsigned start, unsigned end) {
    PangoAttribute *attribute = pango_attr_foreground_new(red, green, blue);
    attribute->start_index = start;
    attribute->end_index = end;
    pango_attr_list_insert(list, attribute);
}

static inline cairo_scaled_font_t *cpango_scaled_font(PangoFont *font) {
    return pango_cairo_font_get_scaled_font((PangoCairoFont *)font);
}

/// The font's glyph of the space, or 0.
static inline unsigned cpango_space_glyph(PangoFont *font) {
    hb_codepoint_t glyph = 0;
    hb_font_t *shaped = pango_font_get_hb_font(font);
    return shaped && hb_font_get_nominal_glyph(shaped, 0x20, &glyph) ? glyph : 0;
}

/// Whether fontconfig has a font of exactly this family.
static inline int cpango_has_family(const char *family) {
    int found = 0;
    FcPattern *pattern = FcPatternCreate();
    if (!pattern) return 0;
    FcPatternAddString(pattern, FC_FAMILY, (const FcChar8 *)family);
    FcFontSet *fonts = FcFontList(NULL, pattern, NULL);
    if (fonts) {
        found = fonts->nfont > 0;
        FcFontSetDestroy(fonts);
    }
    FcPatternDestroy(pattern);
    return found;
}
