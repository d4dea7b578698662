#pragma once

#include "core/crypto.hpp"
#include "core/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace postern::payments {

// Stored numbers: new values are added at the end only.
enum class CardBrand : std::uint8_t {
    unknown,
    visa,
    mastercard,
    amex,
    discover,
    diners,
    jcb,
    unionpay
};
std::string_view to_text(CardBrand brand);

// What a sandbox card does, kept in place of its number. Stored: new values are added at the end.
enum class CardScenario : std::uint8_t {
    succeeds,
    generic_decline,
    insufficient_funds,
    expired_card,
    incorrect_cvc,
    processing_error,
    three_d_secure_required,
    three_d_secure_frictionless,
    three_d_secure_challenge,
    disputed,
    available_at_once,
    refund_pends,    // a refund of it succeeds later
    refund_fails,    // a refund of it fails later
    gateway_silent,  // the gateway's answer is lost: the outcome comes by webhook
};

enum class CardFault : std::uint8_t {
    number,
    month,
    year,
    cvc,
    expired,  // of a live card only: no month of a year gone by is taken there
};

// Overwrites all the room that the text has, not only what it holds now: a short text lies inside
// the string itself and stays there when it is moved from or cut short.
void forget(std::string& secret);

class ForgottenText {
 public:
    explicit ForgottenText(std::string&& secret) : text_{std::move(secret)} { forget(secret); }
    ForgottenText(const ForgottenText&) = delete;
    ForgottenText& operator=(const ForgottenText&) = delete;
    ~ForgottenText() { forget(text_); }

    const std::string& text() const { return text_; }

 private:
    std::string text_;
};

// The digits of a number as people type it; empty: it holds something else, or far too much. The
// caller forgets them.
std::string typed_digits(std::string_view typed);

// As sent. The number and the security code live as long as this value and are wiped with it.
class CardInput {
 public:
    CardInput() = default;
    CardInput(CardInput&&) noexcept = default;
    CardInput& operator=(CardInput&&) noexcept = default;
    ~CardInput();

    std::string number;  // digits, spaces and dashes as people type them
    std::string exp_month;
    std::string exp_year;
    std::string cvc;  // empty: none was given
    std::string holder_name;
};

// All that is kept of a card.
struct Card {
    CardBrand brand = CardBrand::unknown;
    std::string last4;
    int exp_month = 1;
    int exp_year = 2030;
    std::string funding = "credit";  // credit, debit, prepaid, unknown
    std::string country = "US";      // empty: not known
    std::string fingerprint;  // keyed: tells two uses of one number, tells nothing of the number
    std::string holder_name;
    enum class CvcCheck : std::uint8_t { unchecked, pass, fail } cvc_check = CvcCheck::unchecked;
    CardScenario scenario = CardScenario::succeeds;
    bool operator==(const Card&) const = default;
};

enum class ExpiryRule { any_year, not_past };  // C27: test mode takes cards of years gone by
struct TokeniseRules {
    ExpiryRule expiry = ExpiryRule::any_year;
    int year_now = 2026;
    int month_now = 1;
};

// Cards and bank accounts of the same digits have nothing in common.
enum class FingerprintOf : std::uint8_t { card, bank_account };
std::string keyed_fingerprint(const HmacKey& key, FingerprintOf kind, std::string_view number);
// Luhn, the brand's lengths, month and year (two digits are taken for 20yy), the code's length for
// the brand. Gives what may be kept and forgets the rest.
Result<Card, CardFault>
tokenise(const CardInput& input, const HmacKey& fingerprint_key, const TokeniseRules& rules);

}  // namespace postern::payments
