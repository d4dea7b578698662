#include "daemon/header_text.hpp"

#include <algorithm>
#include <array>

namespace postern::daemon {
namespace {

constexpr std::array<std::string_view, 4> kSecretNames = {
    "authorization",
    "proxy-authorization",
    "cookie",
    "x-api-key"};
constexpr std::string_view kMask = "***";
constexpr std::string_view kSeparator = ": ";

bool holds_a_secret(std::string_view name) {
    return std::any_of(kSecretNames.begin(), kSecretNames.end(), [name](std::string_view secret) {
        return equal_ignoring_case(name, secret);
    });
}

// The listener refuses line breaks inside a value. Should one ever come through, it must not become
// a field of its own when the text is read again.
void append_on_one_line(std::string& out, std::string_view value) {
    const std::size_t from = out.size();
    out += value;
    for (std::size_t i = from; i < out.size(); ++i) {
        if (out[i] == '\n' || out[i] == '\r') out[i] = ' ';
    }
}

bool came_before(const HttpFields& fields, const HttpField& field) {
    for (const HttpField& earlier : fields) {
        if (&earlier == &field) return false;
        if (equal_ignoring_case(earlier.name, field.name)) return true;
    }
    return false;
}

}  // namespace

std::string header_text(const HttpFields& fields) {
    std::size_t bytes = 0;
    for (const HttpField& field : fields) {
        bytes += field.name.size() + field.value.size() + kSeparator.size() + 1;
    }
    std::string text;
    text.reserve(bytes);
    for (const HttpField& field : fields) {
        append_on_one_line(text, field.name);
        text += kSeparator;
        append_on_one_line(text, holds_a_secret(field.name) ? kMask : field.value);
        text += '\n';
    }
    return text;
}

HttpFields parse_header_text(std::string_view text) {
    HttpFields fields;
    while (!text.empty()) {
        const auto end = text.find('\n');
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        const auto separator = line.find(kSeparator);
        if (separator == std::string_view::npos) continue;
        fields.add(
            {.name = line.substr(0, separator), .value = line.substr(separator + kSeparator.size())}
        );
    }
    return fields;
}

void append_header_object(JsonWriter& writer, const HttpFields& fields) {
    writer.begin_object();
    for (const HttpField& field : fields) {
        if (came_before(fields, field)) continue;
        const auto values = fields.all(field.name);
        writer.key(field.name);
        if (values.size() == 1) {
            writer.string(field.value);
            continue;
        }
        writer.begin_array();
        for (const std::string_view value : values) writer.string(value);
        writer.end_array();
    }
    writer.end_object();
}

}  // namespace postern::daemon
