#include "core/json_writer.hpp"

#include "core/utf8.hpp"

#include <array>
#include <charconv>

namespace postern {
namespace {

constexpr std::string_view kReplacementCharacter = "\\ufffd";

void append_escaped(std::string& out, char c) {
    constexpr std::string_view hex = "0123456789abcdef";
    switch (c) {
        case '"': out += "\\\""; return;
        case '\\': out += "\\\\"; return;
        case '\n': out += "\\n"; return;
        case '\r': out += "\\r"; return;
        case '\t': out += "\\t"; return;
        default: break;
    }
    out += "\\u00";
    out += hex[static_cast<unsigned char>(c) >> 4];
    out += hex[static_cast<unsigned char>(c) & 0x0f];
}

// Bytes that stand for themselves inside a JSON string, and are ASCII.
constexpr std::array<bool, 256> make_plain_bytes() {
    std::array<bool, 256> plain{};
    for (std::size_t byte = 0x20; byte < 0x7f; ++byte) plain[byte] = true;
    plain['"'] = false;
    plain['\\'] = false;
    return plain;
}

constexpr auto kPlainBytes = make_plain_bytes();

std::size_t plain_length(std::string_view text) {
    std::size_t length = 0;
    while (length < text.size() && kPlainBytes[static_cast<unsigned char>(text[length])]) ++length;
    return length;
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
    out += '"';
    std::size_t plain_from = 0;
    for (std::size_t i = 0; i < text.size();) {
        i += plain_length(text.substr(i));
        if (i == text.size()) break;
        const auto byte = static_cast<unsigned char>(text[i]);
        const std::size_t sequence = byte >= 0x80 ? utf8_length(text.substr(i)) : 0;
        if (sequence > 0) {
            i += sequence;
            continue;
        }
        out.append(text, plain_from, i - plain_from);
        if (byte >= 0x80) {
            out += kReplacementCharacter;  // a reader must never meet broken UTF-8 from us
        } else {
            append_escaped(out, text[i]);
        }
        plain_from = ++i;
    }
    out.append(text, plain_from, text.size() - plain_from);
    out += '"';
}

void JsonWriter::separate() {
    if (!first_) out_ += ',';
    first_ = false;
}

void JsonWriter::open(char bracket) {
    separate();
    out_ += bracket;
    first_ = true;
}

void JsonWriter::close(char bracket) {
    out_ += bracket;
    first_ = false;
}

void JsonWriter::key(std::string_view name) {
    if (plain_length(name) == name.size()) {
        out_ += first_ ? "\"" : ",\"";
        out_ += name;
        out_ += "\":";
    } else {
        separate();
        append_json_string(out_, name);
        out_ += ':';
    }
    first_ = true;  // the value that follows takes no comma
}

void JsonWriter::string(std::string_view text) {
    separate();
    append_json_string(out_, text);
}

void JsonWriter::integer(std::int64_t value) {
    std::array<char, 24> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    raw({digits.data(), static_cast<std::size_t>(end - digits.data())});
}

void JsonWriter::raw(std::string_view json) {
    separate();
    out_ += json;
}

}  // namespace postern
