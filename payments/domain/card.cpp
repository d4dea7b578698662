#include "payments/domain/card.hpp"

#include "core/bytes.hpp"
#include "core/numbers.hpp"
#include "payments/domain/test_cards.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace postern::payments {
namespace {

constexpr std::size_t kTypedCharactersMax = 64;
constexpr std::size_t kFingerprintBytes = 12;
constexpr int kYearMin = 2020;
constexpr int kYearMax = 2099;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool all_digits(std::string_view text) {
    return std::all_of(text.begin(), text.end(), is_digit);
}

// ISO/IEC 7812-1: from the right, every second digit counts twice.
bool passes_luhn(std::string_view digits) {
    int sum = 0;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        int digit = digits[digits.size() - 1 - i] - '0';
        if (i % 2 == 1) digit *= 2;
        sum += digit > 9 ? digit - 9 : digit;
    }
    return sum % 10 == 0;
}

// A range of the first digits: both ends have the same length and belong to it.
struct Range {
    std::string_view first;
    std::string_view last;
    CardBrand brand = CardBrand::unknown;
    std::size_t length_min = 16;
    std::size_t length_max = 19;
};
// The first that fits counts: UnionPay's cards that Discover's network also carries lie within
// what would otherwise be Discover's.
constexpr std::array kRanges = std::to_array<Range>({
    {"4", "4", CardBrand::visa, 13, 19},
    {"34", "34", CardBrand::amex, 15, 15},
    {"37", "37", CardBrand::amex, 15, 15},
    {"51", "55", CardBrand::mastercard, 16, 16},
    {"2221", "2720", CardBrand::mastercard, 16, 16},
    {"6011", "6011", CardBrand::discover},
    {"644", "649", CardBrand::discover},
    {"65", "65", CardBrand::discover},
    {"300", "305", CardBrand::diners, 14, 19},
    {"3095", "3095", CardBrand::diners, 14, 19},
    {"36", "36", CardBrand::diners, 14, 19},
    {"38", "39", CardBrand::diners, 14, 19},
    {"3528", "3589", CardBrand::jcb},
    {"62", "62", CardBrand::unionpay},
    {"81", "81", CardBrand::unionpay},
});
// Networks that are not told apart here: Maestro, RuPay, Mir, Troy and others.
constexpr Range kOtherNetworks{.first = "2", .last = "9", .length_min = 12};

bool lies_in(std::string_view digits, const Range& range) {
    const std::string_view head = digits.substr(0, range.first.size());
    return head.size() == range.first.size() && head >= range.first && head <= range.last;
}

std::optional<CardBrand> brand_of(std::string_view digits) {
    const auto known = std::find_if(kRanges.begin(), kRanges.end(), [&](const Range& range) {
        return lies_in(digits, range);
    });
    const Range& range = known == kRanges.end() ? kOtherNetworks : *known;
    if (!lies_in(digits, range)) return std::nullopt;
    if (digits.size() < range.length_min || digits.size() > range.length_max) return std::nullopt;
    const bool visa_length = digits.size() == 13 || digits.size() == 16 || digits.size() == 19;
    if (range.brand == CardBrand::visa && !visa_length) return std::nullopt;
    return range.brand;
}

std::optional<int> read_month(std::string_view text) {
    if (text.empty() || text.size() > 2 || !all_digits(text)) return std::nullopt;
    const auto month = parse_unsigned(text);
    if (!month || *month < 1 || *month > 12) return std::nullopt;
    return static_cast<int>(*month);
}

// "2030", or "30" as it is embossed.
std::optional<int> read_year(std::string_view text) {
    if ((text.size() != 2 && text.size() != 4) || !all_digits(text)) return std::nullopt;
    const auto number = parse_unsigned(text);
    if (!number) return std::nullopt;
    const int year = static_cast<int>(*number) + (text.size() == 2 ? 2000 : 0);
    if (year < kYearMin || year > kYearMax) return std::nullopt;
    return year;
}

bool is_past(const Card& card, const TokeniseRules& rules) {
    if (card.exp_year != rules.year_now) return card.exp_year < rules.year_now;
    return card.exp_month < rules.month_now;
}

bool is_cvc(std::string_view cvc, CardBrand brand) {
    if (!all_digits(cvc)) return false;
    if (brand == CardBrand::amex) return cvc.size() == 4;
    return cvc.size() == 3 || (brand == CardBrand::unknown && cvc.size() == 4);
}

Card::CvcCheck check_of(const CardInput& input, CardScenario scenario) {
    if (input.cvc.empty()) return Card::CvcCheck::unchecked;
    const bool wrong = scenario == CardScenario::incorrect_cvc;
    return wrong ? Card::CvcCheck::fail : Card::CvcCheck::pass;
}

// What only the issuer could say is known of the test cards and of no other.
void describe(Card& card, std::string_view digits) {
    const TestCard* test_card = find_test_card(digits);
    card.funding = test_card ? test_card->funding : "unknown";
    if (!test_card) card.country.clear();
    card.scenario = scenario_of(digits);
}

}  // namespace

std::string_view to_text(CardBrand brand) {
    switch (brand) {
        case CardBrand::unknown: return "unknown";
        case CardBrand::visa: return "visa";
        case CardBrand::mastercard: return "mastercard";
        case CardBrand::amex: return "amex";
        case CardBrand::discover: return "discover";
        case CardBrand::diners: return "diners";
        case CardBrand::jcb: return "jcb";
        case CardBrand::unionpay: return "unionpay";
    }
    return "";
}

CardInput::~CardInput() {
    forget(number);
    forget(cvc);
}

std::string typed_digits(std::string_view typed) {
    std::string digits;
    if (typed.size() > kTypedCharactersMax) return digits;
    digits.reserve(typed.size());  // growing would leave a copy behind
    for (const char c : typed) {
        if (is_digit(c)) {
            digits += c;
        } else if (c != ' ' && c != '-') {
            forget(digits);
            return digits;
        }
    }
    return digits;
}

std::string keyed_fingerprint(const HmacKey& key, FingerprintOf kind, std::string_view number) {
    const std::string_view label = kind == FingerprintOf::card ? "card:" : "bank_account:";
    const std::string digest = key.sign({label, number});
    return "fp_" + to_hex(std::string_view{digest}.substr(0, kFingerprintBytes));
}

void forget(std::string& secret) {
    secret.resize(secret.capacity());
    wipe(secret);
}

Result<Card, CardFault>
tokenise(const CardInput& input, const HmacKey& fingerprint_key, const TokeniseRules& rules) {
    const ForgottenText number{typed_digits(input.number)};
    const std::string& digits = number.text();
    const auto brand = brand_of(digits);
    if (!brand || !passes_luhn(digits)) return CardFault::number;
    const auto month = read_month(input.exp_month);
    if (!month) return CardFault::month;
    const auto year = read_year(input.exp_year);
    if (!year) return CardFault::year;
    if (!input.cvc.empty() && !is_cvc(input.cvc, *brand)) return CardFault::cvc;

    Card card{.brand = *brand, .exp_month = *month, .exp_year = *year};
    if (rules.expiry == ExpiryRule::not_past && is_past(card, rules)) return CardFault::expired;
    card.last4 = digits.substr(digits.size() - 4);
    card.fingerprint = keyed_fingerprint(fingerprint_key, FingerprintOf::card, digits);
    card.holder_name = input.holder_name;
    describe(card, digits);
    card.cvc_check = check_of(input, card.scenario);
    return card;
}

}  // namespace postern::payments
