#include "daemon/commands/received_request.hpp"

namespace postern::daemon::commands {
namespace {

constexpr std::string_view kQuotes = "'\"";

std::string_view without_prefix(std::string_view text, std::string_view prefix) {
    if (text.starts_with(prefix)) text.remove_prefix(prefix.size());
    return text;
}

// -H 'Name: value' \   becomes   Name: value
std::string_view unwrap(std::string_view line) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    line = trim_spaces(line);
    line = without_prefix(line, "> ");
    const bool is_argument = line.starts_with("-H") || line.starts_with("--header");
    if (!is_argument) return line;
    line = trim_spaces(without_prefix(without_prefix(line, "--header"), "-H"));
    if (line.ends_with('\\')) line = trim_spaces(line.substr(0, line.size() - 1));
    if (line.size() >= 2 && kQuotes.find(line.front()) != std::string_view::npos
        && line.front() == line.back()) {
        line = line.substr(1, line.size() - 2);
    }
    return line;
}

// "POST /path HTTP/1.1"
bool read_request_line(std::string_view line, ReceivedRequest& request) {
    const auto first = line.find(' ');
    const auto last = line.rfind(' ');
    if (first == std::string_view::npos || first == last) return false;
    if (!line.substr(last + 1).starts_with("HTTP/")) return false;
    request.method = line.substr(0, first);
    set_target(request, line.substr(first + 1, last - first - 1));
    return true;
}

}  // namespace

HttpFields ReceivedRequest::fields() const {
    HttpFields views;
    for (const auto& [name, value] : headers) views.add({name, value});
    return views;
}

void set_target(ReceivedRequest& request, std::string_view target) {
    const auto question = target.find('?');
    request.path = target.substr(0, question);
    request.query =
        question == std::string_view::npos ? std::string_view{} : target.substr(question + 1);
}

std::optional<Complaint> read_headers(std::string_view text, ReceivedRequest& request) {
    for (int number = 1; !text.empty(); ++number) {
        const auto end = text.find('\n');
        const std::string_view line = unwrap(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (line.empty() || line == ">") break;
        if (number == 1 && read_request_line(line, request)) continue;
        const auto colon = line.find(':');
        if (colon == std::string_view::npos || colon == 0) {
            std::string message = "the headers' line ";
            message += std::to_string(number);
            message += " is not of the form Name: value";
            return Complaint{std::move(message)};
        }
        request.headers.emplace_back(
            trim_spaces(line.substr(0, colon)), trim_spaces(line.substr(colon + 1))
        );
    }
    return std::nullopt;
}

}  // namespace postern::daemon::commands
