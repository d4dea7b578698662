#pragma once

#include "core/result.hpp"

#include <string>
#include <string_view>
#include <vector>

// What libpq is told about where to connect to and how.
namespace postern::storage {

struct ConnectionWord {
    std::string name;
    std::string value;
    bool operator==(const ConnectionWord&) const = default;
};
using ConnectionWords = std::vector<ConnectionWord>;

// A postgres:// URL, or libpq's own "host=… dbname=…". The complaint quotes nothing of it, since
// what is not understood may be the password.
[[nodiscard]] Result<ConnectionWords, Complaint> read_connection_text(std::string_view text);

// Adds a word unless there is one of its name.
void add_unless_given(ConnectionWords& words, ConnectionWord word);
std::string_view word_of(const ConnectionWords& words, std::string_view name);  // empty: none

// A sentence of libpq on one line, which might quote what it was told.
std::string without_password(std::string_view sentence, const ConnectionWords& words);

// Where it connects to, for people: "shop at db1:5432,db2:5432", and nothing secret.
std::string describe_target(const ConnectionWords& words);

}  // namespace postern::storage
