/* assets.h - the files beside this one, as the build puts them into the library (cmake/embed.cmake). Ended by a 0 byte. */
#ifndef GD_HTML_ASSETS_H
#define GD_HTML_ASSETS_H

extern const unsigned char gd_html_page[], gd_html_style[], gd_html_script[];

#endif
