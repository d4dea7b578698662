#include "daemon/masked_text.hpp"

#include "core/utf8.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace postern::daemon {
namespace {

constexpr std::array<std::string_view, 30> kSecretWords = {
    "account", "authorization", "bank",     "card",      "certificate", "credential",
    "csc",     "cvc",           "cvc2",     "cvn",       "cvv",         "cvv2",
    "iban",    "key",           "keys",     "number",    "otp",         "pan",
    "passwd",  "password",      "pem",      "pin",       "private",     "routing",
    "secret",  "secrets",       "security", "signature", "token",       "tokens"};

// They would be masked by a word of theirs, and hold nothing that is to be hidden.
constexpr std::array<std::string_view, 4> kPlainNames = {
    "account_id",
    "api_key_id",
    "idempotency_key",
    "security_deposit"};

// A text that begins so is a secret as a whole; within a text, as in the path of a request, a key
// ends where its characters do.
constexpr std::array<std::string_view, 5> kKeyBeginnings =
    {"sk_test_", "sk_live_", "rk_test_", "rk_live_", "whsec_"};
// Beyond letters and digits: of Base64, and of a path that spells it with escapes.
constexpr std::string_view kKeySigns = "_-+/=%";
constexpr std::string_view kBearer = "Bearer ";
constexpr std::array<std::string_view, 2> kSecretMiddles = {"_secret_", "-----BEGIN "};

constexpr std::size_t kCardDigitsMin = 12;
// A number as short as that is looked at whole only; longer ones may have a card's within them.
constexpr std::size_t kCardDigitsInside = 13;
constexpr std::size_t kCardDigitsMax = 19;
constexpr std::size_t kDigitsLookedAt = 40;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_separator(char c) {
    return c == ' ' || c == '-';
}

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_capital(char c) {
    return c >= 'A' && c <= 'Z';
}

bool is_secret_word(const std::string& word) {
    return std::find(kSecretWords.begin(), kSecretWords.end(), word) != kSecretWords.end();
}

bool is_luhn_valid(std::string_view digits) {
    int sum = 0;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        int digit = digits[digits.size() - 1 - i] - '0';
        if (i % 2 == 1) digit = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
        sum += digit;
    }
    return sum % 10 == 0;
}

// A number that ends in the same digits as a card's may have been put beside something else, so
// every part of it is looked at that is as long as a card's number.
bool may_hold_card(std::string_view digits) {
    if (digits.size() < kCardDigitsMin) return false;
    if (digits.size() > kDigitsLookedAt) return true;
    if (digits.size() < kCardDigitsInside) return is_luhn_valid(digits);
    for (std::size_t length = kCardDigitsInside; length <= kCardDigitsMax; ++length) {
        for (std::size_t from = 0; from + length <= digits.size(); ++from) {
            if (is_luhn_valid(digits.substr(from, length))) return true;
        }
    }
    return false;
}

bool begins_with_key(std::string_view text) {
    const auto begins = [text](std::string_view beginning) {
        return text.starts_with(beginning);
    };
    return std::any_of(kKeyBeginnings.begin(), kKeyBeginnings.end(), begins);
}

bool is_key_character(char c) {
    const char small = lower(c);
    return is_digit(c) || (small >= 'a' && small <= 'z')
           || kKeySigns.find(c) != std::string_view::npos;
}

std::size_t key_length(std::string_view text) {
    if (!begins_with_key(text)) return 0;
    const auto end = std::find_if_not(text.begin(), text.end(), is_key_character);
    return static_cast<std::size_t>(end - text.begin());
}

bool is_secret_text(std::string_view text) {
    const auto holds = [text](std::string_view middle) {
        return text.find(middle) != std::string_view::npos;
    };
    return begins_with_key(text) || text.starts_with(kBearer)
           || std::any_of(kSecretMiddles.begin(), kSecretMiddles.end(), holds);
}

// Digits with at most one separator between two of them.
std::size_t run_length(std::string_view text) {
    std::size_t end = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (is_digit(text[i])) {
            end = i + 1;
        } else if (!is_separator(text[i]) || i != end || i == 0) {
            break;
        }
    }
    return end;
}

std::string digits_of(std::string_view run) {
    std::string digits;
    std::copy_if(run.begin(), run.end(), std::back_inserter(digits), is_digit);
    return digits;
}

// As a text has it, and as a path spells it.
constexpr std::array<std::string_view, 2> kAts = {"@", "%40"};
constexpr std::string_view kAddressMask = "***";
constexpr std::string_view kBesideAddresses = " \t\r\n@<>()[]{},;:=&?/\\\"'";

std::size_t at_length(std::string_view text) {
    for (const std::string_view at : kAts) {
        if (text.starts_with(at)) return at.size();
    }
    return 0;
}

bool begins_domain(std::string_view text) {
    return !text.empty() && kBesideAddresses.find(text.front()) == std::string_view::npos;
}

// Where what stands before an '@' begins: a name, or anything between quotes.
std::size_t address_begin(std::string_view before) {
    if (before.size() > 1 && before.back() == '"') {
        const auto quote = before.rfind('"', before.size() - 2);
        if (quote != std::string_view::npos) return quote;
    }
    const auto beside = before.find_last_of(kBesideAddresses);
    return beside == std::string_view::npos ? 0 : beside + 1;
}

std::string with_addresses_masked(std::string_view text) {
    std::string masked;
    std::size_t done = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const std::size_t length = at_length(text.substr(i));
        if (length == 0 || !begins_domain(text.substr(i + length))) continue;
        const std::string_view before = text.substr(done, i - done);
        const std::size_t begin = address_begin(before);
        if (begin == before.size()) continue;
        const std::size_t kept = std::max<std::size_t>(utf8_length(before.substr(begin)), 1);
        masked += before.substr(0, begin + kept);
        masked += kAddressMask;
        done = i;
    }
    masked += text.substr(done);
    return masked;
}

}  // namespace

bool is_secret_name(std::string_view name) {
    if (std::find(kPlainNames.begin(), kPlainNames.end(), name) != kPlainNames.end()) return false;
    std::string word;
    for (std::size_t i = 0; i < name.size(); ++i) {
        const char c = name[i];
        const bool begins = is_capital(c) && i > 0 && !is_capital(name[i - 1]);
        const bool separates = c == '_' || c == '-' || c == '.' || c == '[' || c == ']';
        if (begins || separates) {
            if (is_secret_word(word)) return true;
            word.clear();
        }
        if (!separates) word += lower(c);
    }
    return is_secret_word(word);
}

std::string with_secrets_masked(std::string_view text) {
    if (is_secret_text(text)) return std::string{kMask};
    std::string masked;
    while (!text.empty()) {
        if (const std::size_t key = key_length(text); key > 0) {
            masked += kMask;
            text.remove_prefix(key);
            continue;
        }
        const std::size_t length = run_length(text);
        if (length == 0) {
            masked += text.front();
            text.remove_prefix(1);
            continue;
        }
        const std::string_view run = text.substr(0, length);
        masked += may_hold_card(digits_of(run)) ? kMask : run;
        text.remove_prefix(length);
    }
    return with_addresses_masked(masked);
}

}  // namespace postern::daemon
