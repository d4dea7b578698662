#include "payments/dialects/onerway/search_query.hpp"
#include "payments/domain/ids.hpp"
#include "payments/domain/payment.hpp"
#include "tests/fuzz/fuzz.hpp"

using namespace postern::payments;
using Compare = SearchTerm::Compare;
using Field = SearchTerm::Field;

namespace {

const postern::IdCodec kCodec{postern::SipKey{0x0706050403020100, 0x0f0e0d0c0b0a0908}};

std::string quoted(std::string_view text) {
    std::string result = "'";
    for (const char c : text) {
        if (c == '\'' || c == '\\') result += '\\';
        result += c;
    }
    return result + '\'';
}

std::string_view name_of(Field field) {
    switch (field) {
        case Field::amount: return "amount";
        case Field::created: return "created";
        case Field::currency: return "currency";
        case Field::customer: return "customer";
        case Field::status: return "status";
        case Field::metadata: return "metadata";
    }
    return {};
}

std::string_view sign_of(Compare compare) {
    switch (compare) {
        case Compare::greater: return ">";
        case Compare::less: return "<";
        case Compare::greater_equal: return ">=";
        case Compare::less_equal: return "<=";
        case Compare::equal:
        case Compare::absent: return ":";
    }
    return {};
}

std::string value_of(const SearchTerm& term) {
    if (term.compare == Compare::absent) return "null";
    switch (term.field) {
        case Field::amount:
        case Field::created: return std::to_string(term.number);
        case Field::status: return quoted(to_text(static_cast<PaymentStatus>(term.number)));
        case Field::customer:
            return term.number < 0 ? "nobody" : quoted(kCodec.encode(CustomerId{term.number}));
        case Field::currency:
        case Field::metadata: return quoted(term.text);
    }
    return {};
}

std::string text_of(const SearchTerm& term) {
    std::string text = term.sense == SearchTerm::Sense::negated ? "-" : "";
    text += name_of(term.field);
    if (term.field == Field::metadata) text += '[' + quoted(term.name) + ']';
    text += sign_of(term.compare);
    return text + value_of(term);
}

std::string text_of(const onerway::SearchQuery& query) {
    std::string text;
    for (const SearchTerm& term : query.terms) {
        if (!text.empty()) text += query.join == PaymentSearch::Join::any ? " OR " : " AND ";
        text += text_of(term);
    }
    return text;
}

}  // namespace

// What was understood can be said again, and is understood the same.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto query = onerway::parse_search(kCodec, postern::fuzz_text(data, size));
    if (!query) return 0;
    POSTERN_ASSERT(!query->terms.empty() && query->terms.size() <= onerway::kSearchTermsMax);
    POSTERN_ASSERT(onerway::parse_search(kCodec, text_of(*query)) == query);
    return 0;
}
