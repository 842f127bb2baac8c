"""C that reads a row from a line of csv and scores it: beside the trees, reading is the most work.

It knows plain decimals alone. A number of at most 15 digits and a power of ten up to 22 are exact
in double precision, so their quotient is rounded as `strtod` rounds, and then to single precision
as everywhere. Whatever else a line may hold is for Python to read.
"""

LINE = """
float score_line(const char *text, unsigned long length) {
    static const double powers[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
                                    1e12, 1e13, 1e14, 1e15};
    const char *end = text + length;
    float row[COLUMNS], unknown = 0.0f;
    int column = 0;
    unknown /= unknown;
    if (length && end[-1] == '\\n') end--;
    for (;; text++, column++) {
        long long number = 0;
        int digits = 0, decimals = 0, point = 0, negative = text < end && *text == '-';
        double sign = negative ? -1.0 : 1.0;
        if (column == COLUMNS) return unknown;
        for (text += negative; text < end && *text != ','; text++) {
            if (*text >= '0' && *text <= '9') {
                number = number * 10 + (*text - '0');
                decimals += point;
                if (++digits > 15) return unknown;
            } else if (*text == '.' && !point) {
                point = 1;
            } else {
                return unknown;
            }
        }
        if (!digits && (negative || point)) return unknown;
        row[column] = digits ? (float)(sign * number / powers[decimals]) : unknown;
        if (text == end) break;
    }
    return column + 1 == COLUMNS ? score_row(row) : unknown;
}
"""
