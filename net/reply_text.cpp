#include "net/reply_text.hpp"

#include <array>
#include <charconv>
#include <ctime>

namespace postern::net {
namespace {

void append_number(std::string& out, std::size_t number) {
    std::array<char, 24> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    out.append(digits.data(), end);
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
    out += name;
    out += ": ";
    out += value;
    out += "\r\n";
}

bool has_no_content(int status) {
    return status == 204 || status == 304;
}

}  // namespace

void append_reply(std::string& out, const HttpReply& reply, const ReplyForm& form) {
    out.reserve(out.size() + 256 + reply.body.size());
    out += "HTTP/1.1 ";
    append_number(out, static_cast<std::size_t>(reply.status));
    out += ' ';
    out += reason_phrase(reply.status);
    out += "\r\n";
    if (!form.date.empty()) append_field(out, "Date", form.date);
    if (!reply.content_type.empty() && !has_no_content(reply.status)) {
        append_field(out, "Content-Type", reply.content_type);
    }
    if (!has_no_content(reply.status)) {
        out += "Content-Length: ";
        append_number(out, reply.body.size());
        out += "\r\n";
    }
    switch (form.after) {
        case AfterReply::close: append_field(out, "Connection", "close"); break;
        case AfterReply::keep_alive_said: append_field(out, "Connection", "keep-alive"); break;
        case AfterReply::keep_alive: break;
    }
    for (const HttpReplyField& field : reply.fields) append_field(out, field.name, field.value);
    out += "\r\n";
    if (form.body == ReplyBody::send && !has_no_content(reply.status)) out += reply.body;
}

std::string http_date(std::int64_t unix_seconds) {
    constexpr std::array<const char*, 7> days = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array<const char*, 12> months = {
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const std::time_t time = unix_seconds;
    std::tm parts{};
    gmtime_r(&time, &parts);
    std::array<char, 48> text{};
    const int length = std::snprintf(
        text.data(),
        text.size(),
        "%s, %02d %s %04d %02d:%02d:%02d GMT",
        days[static_cast<std::size_t>(parts.tm_wday)],
        parts.tm_mday,
        months[static_cast<std::size_t>(parts.tm_mon)],
        parts.tm_year + 1900,
        parts.tm_hour,
        parts.tm_min,
        parts.tm_sec
    );
    return {text.data(), static_cast<std::size_t>(length)};
}

}  // namespace postern::net
