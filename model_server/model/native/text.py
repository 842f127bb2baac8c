"""C that reads one row from csv or JSON and scores it: beside the trees, reading is the most work.

It knows plain decimals alone. A number of at most 15 digits and a power of ten up to 22 are exact
in double precision, so their quotient is rounded as `strtod` rounds, and then to single precision
as everywhere. Whatever else a text may hold is for Python to read.
"""

SCORE_TEXT = r"""
static const double powers[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7,
                                1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};

static float nothing(void) {
    float zero = 0.0f;
    return zero / zero;
}

/* what follows the number, or 0 where there is no plain one */
static const char *read_number(const char *text, const char *end, float *value) {
    long long number = 0;
    int digits = 0, decimals = 0, point = 0;
    double sign = 1.0;
    if (text < end && *text == '-') {
        sign = -1.0;
        text++;
    }
    for (; text < end; text++) {
        if (*text >= '0' && *text <= '9') {
            number = number * 10 + (*text - '0');
            decimals += point;
            if (++digits > 15) return 0;
        } else if (*text == '.' && !point) {
            point = 1;
        } else {
            break;
        }
    }
    *value = (float)(sign * number / powers[decimals]);
    return digits ? text : 0;
}

float score_csv(const char *text, unsigned long length) {
    const char *end = text + length;
    float row[COLUMNS];
    int column = 0;
    if (length && end[-1] == '\n') end--;
    for (;; text++) {
        if (column == COLUMNS) return nothing();
        if (text == end || *text == ',') {
            row[column++] = nothing();
        } else {
            text = read_number(text, end, &row[column++]);
            if (!text || (text < end && *text != ',')) return nothing();
        }
        if (text == end) break;
    }
    return column == COLUMNS ? score_row(row) : nothing();
}

static const char *skip_blanks(const char *text, const char *end) {
    while (text < end && (*text == ' ' || *text == '\t' || *text == '\n' || *text == '\r')) text++;
    return text;
}

/* what follows a word and the blanks around it, or 0 where it is another */
static const char *skip_word(const char *text, const char *end, const char *word) {
    text = skip_blanks(text, end);
    for (; *word; word++, text++) if (text == end || *text != *word) return 0;
    return skip_blanks(text, end);
}

/* as read_number; JSON knows neither 01 nor 1. nor .1 */
static const char *read_json_number(const char *text, const char *end, float *value) {
    const char *after = read_number(text, end, value);
    if (!after) return 0;
    text += *text == '-';
    if (*text == '.' || after[-1] == '.') return 0;
    if (*text == '0' && after - text > 1 && text[1] != '.') return 0;
    return after;
}

float score_json(const char *text, unsigned long length) {
    static const char *const opening[] = {"{", "\"instances\"", ":", "[", "["};
    static const char *const closing[] = {"]", "]", "}"};
    const char *end = text + length;
    float row[COLUMNS];
    for (int word = 0; word < 5; word++)
        if (!(text = skip_word(text, end, opening[word]))) return nothing();
    for (int column = 0; column < COLUMNS; column++) {
        const char *after;
        if (column && !(text = skip_word(text, end, ","))) return nothing();
        if ((after = skip_word(text, end, "null"))) row[column] = nothing();
        else if (!(after = read_json_number(text, end, &row[column]))) return nothing();
        text = after;
    }
    for (int word = 0; word < 3; word++)
        if (!(text = skip_word(text, end, closing[word]))) return nothing();
    return text == end ? score_row(row) : nothing();
}
"""
