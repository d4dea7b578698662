#include "storage/postgres/connection_words.hpp"

#include <libpq-fe.h>

#include <algorithm>
#include <memory>

namespace postern::storage {
namespace {

struct FreeOptions {
    void operator()(PQconninfoOption* options) const noexcept { PQconninfoFree(options); }
};
struct FreeText {
    void operator()(char* text) const noexcept { PQfreemem(text); }
};

// libpq quotes what it did not understand.
std::string without_quotes(std::string_view sentence) {
    std::string kept;
    enum class Part { told, quoted } part = Part::told;
    for (const char letter : sentence) {
        if (letter == '"') {
            part = part == Part::told ? Part::quoted : Part::told;
            kept += part == Part::quoted ? "\"…" : "\"";
        } else if (part == Part::told && letter != '\n') {
            kept += letter;
        }
    }
    return kept;
}

std::string how_to_write_it() {
    return "storage.url is not understood; write postgres://user:password@host:5432/database, with "
           "% and two digits for each character that is special in a URL";
}

// A password with such a character of its own ends where nobody meant it to, and the rest of it
// would be told as the host, the port or the database.
bool cuts_password(std::string_view url) {
    const auto scheme = url.find("://");
    const auto last = url.rfind('@');
    if (scheme == std::string_view::npos || last == std::string_view::npos) return false;
    const auto begin = scheme + std::string_view{"://"}.size();
    return begin < last && url.substr(begin, last - begin).find_first_of("/?#@") != url.npos;
}

}  // namespace

Result<ConnectionWords, Complaint> read_connection_text(std::string_view text) {
    if (cuts_password(text)) return Complaint{how_to_write_it()};
    const std::string terminated{text};
    char* raw_refusal = nullptr;
    const std::unique_ptr<PQconninfoOption, FreeOptions> options{
        PQconninfoParse(terminated.c_str(), &raw_refusal)};
    const std::unique_ptr<char, FreeText> refusal{raw_refusal};
    if (!options) {
        std::string message = how_to_write_it();
        if (refusal) message += " (" + without_quotes(refusal.get()) + ")";
        return Complaint{std::move(message)};
    }
    ConnectionWords words;
    for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
        if (option->val != nullptr) words.push_back({option->keyword, option->val});
    }
    return words;
}

void add_unless_given(ConnectionWords& words, ConnectionWord word) {
    const bool given = std::any_of(words.begin(), words.end(), [&word](const auto& held) {
        return held.name == word.name;
    });
    if (!given) words.push_back(std::move(word));
}

std::string_view word_of(const ConnectionWords& words, std::string_view name) {
    for (const ConnectionWord& word : words) {
        if (word.name == name) return word.value;
    }
    return {};
}

std::string without_password(std::string_view sentence, const ConnectionWords& words) {
    std::string kept{sentence};
    for (const std::string_view name : {"password", "sslpassword"}) {
        const std::string_view secret = word_of(words, name);
        if (secret.empty()) continue;
        constexpr std::string_view kHidden = "…";
        for (auto at = kept.find(secret); at != std::string::npos;
             at = kept.find(secret, at + kHidden.size())) {
            kept.replace(at, secret.size(), kHidden);
        }
    }
    while (!kept.empty() && kept.back() == '\n') kept.pop_back();
    std::replace(kept.begin(), kept.end(), '\n', ' ');
    return kept;
}

std::string describe_target(const ConnectionWords& words) {
    const std::string_view address = word_of(words, "hostaddr");
    const std::string_view host = word_of(words, "host");
    const std::string_view port = word_of(words, "port");
    std::string target{"database "};
    const std::string_view database = word_of(words, "dbname");
    target += database.empty() ? word_of(words, "user") : database;
    target += " at ";
    target += host.empty() ? (address.empty() ? "the local socket" : address) : host;
    if (!port.empty()) {
        target += " port ";
        target += port;
    }
    return target;
}

}  // namespace postern::storage
