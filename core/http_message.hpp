#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace postern {

// ASCII only, which is all that a field name or a token may hold.
bool equal_ignoring_case(std::string_view a, std::string_view b);
std::string to_lower(std::string_view text);
std::string_view trim_spaces(std::string_view text);  // SP and HTAB

struct HttpField {
    std::string_view name;
    std::string_view value;
    bool operator==(const HttpField&) const = default;
};

// The fields of one message in the order received, as views into memory that outlives them: the
// connection's buffer, or the text that a test holds.
class HttpFields {
 public:
    void add(HttpField field) { fields_.push_back(field); }
    void clear() { fields_.clear(); }
    void reserve(std::size_t count) { fields_.reserve(count); }

    std::optional<std::string_view> find(std::string_view name) const;  // the first of that name
    // Absent and empty are one thing to a signature check.
    std::string_view value_or_empty(std::string_view name) const;
    std::vector<std::string_view> all(std::string_view name) const;

    std::size_t size() const { return fields_.size(); }
    auto begin() const { return fields_.begin(); }
    auto end() const { return fields_.end(); }

 private:
    std::vector<HttpField> fields_;
};

struct HttpRequest {
    std::string_view method;
    std::string_view target;  // as sent
    std::string_view path;    // the target up to '?', not decoded
    std::string_view query;   // after '?', not decoded
    HttpFields fields;
    std::string_view body;
    std::string peer_address;  // the client's, after trusted proxies are looked through
};

struct HttpReplyField {
    std::string name;
    std::string value;
    bool operator==(const HttpReplyField&) const = default;
};

// keep_few: kept, but a connection that collects several of these is closed.
enum class ConnectionFate { keep, keep_few, close };

struct HttpReply {
    int status = 200;
    std::string content_type;  // empty: none
    std::string body;
    std::vector<HttpReplyField> fields;
    ConnectionFate connection = ConnectionFate::keep;
};

std::string_view reason_phrase(int status);

// The first value of a query parameter, decoded; nullopt when absent or badly escaped.
std::optional<std::string> query_parameter(std::string_view query, std::string_view name);
// Every pair in order, decoded; nullopt when an escape is broken.
std::optional<std::vector<std::pair<std::string, std::string>>> parse_form(std::string_view text);

}  // namespace postern
