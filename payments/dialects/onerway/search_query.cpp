#include "payments/dialects/onerway/search_query.hpp"

#include "core/http_message.hpp"
#include "core/numbers.hpp"
#include "payments/domain/payment.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace postern::payments::onerway {
namespace {

using Field = SearchTerm::Field;
using Compare = SearchTerm::Compare;
using Join = PaymentSearch::Join;

// No customer has this number: an id of nobody finds nothing, which is no mistake.
constexpr std::int64_t kNobody = -1;

struct FieldName {
    std::string_view name;
    Field field;
};
constexpr std::array kFields = {
    FieldName{"amount", Field::amount},
    FieldName{"created", Field::created},
    FieldName{"currency", Field::currency},
    FieldName{"customer", Field::customer},
    FieldName{"metadata", Field::metadata},
    FieldName{"status", Field::status}};

bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool is_name_character(char c) {
    return (c >= 'a' && c <= 'z') || c == '_';
}

// What stands behind a field's operator.
struct Value {
    std::string text;
    enum class Quotes { none, some } quotes = Quotes::none;
    bool is_null() const { return quotes == Quotes::none && text == "null"; }
};

class SearchParser {
 public:
    SearchParser(const IdCodec& ids, std::string_view text) : ids_{ids}, rest_{text} {}

    std::optional<SearchQuery> parse();

 private:
    void skip_spaces();
    bool take(char c);
    bool take_keyword(std::string_view keyword);
    std::optional<Field> take_field();
    std::optional<Compare> take_compare();
    std::optional<std::string> take_quoted();
    std::optional<Value> take_value();
    std::optional<SearchTerm> take_term();
    bool set_value(SearchTerm& term, const Value& value) const;
    bool set_number(SearchTerm& term, const Value& value) const;
    bool take_join(SearchQuery& query, std::optional<Join>& join);

    const IdCodec& ids_;
    std::string_view rest_;
};

void SearchParser::skip_spaces() {
    while (!rest_.empty() && is_space(rest_.front())) rest_.remove_prefix(1);
}

bool SearchParser::take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
}

bool SearchParser::take_keyword(std::string_view keyword) {
    if (rest_.size() <= keyword.size() || !is_space(rest_[keyword.size()])) return false;
    if (!equal_ignoring_case(rest_.substr(0, keyword.size()), keyword)) return false;
    rest_.remove_prefix(keyword.size());
    return true;
}

std::optional<Field> SearchParser::take_field() {
    const auto end = std::find_if_not(rest_.begin(), rest_.end(), is_name_character);
    const std::string_view name = rest_.substr(0, static_cast<std::size_t>(end - rest_.begin()));
    for (const FieldName& known : kFields) {
        if (known.name != name) continue;
        rest_.remove_prefix(name.size());
        return known.field;
    }
    return std::nullopt;
}

std::optional<Compare> SearchParser::take_compare() {
    if (take(':')) return Compare::equal;
    if (take('>')) return take('=') ? Compare::greater_equal : Compare::greater;
    if (take('<')) return take('=') ? Compare::less_equal : Compare::less;
    return std::nullopt;
}

// With either quote; a backslash keeps the next character as it is.
std::optional<std::string> SearchParser::take_quoted() {
    if (!rest_.starts_with('"') && !rest_.starts_with('\'')) return std::nullopt;
    const char quote = rest_.front();
    rest_.remove_prefix(1);
    std::string text;
    while (!rest_.empty()) {
        if (take(quote)) return text;
        if (take('\\') && rest_.empty()) return std::nullopt;
        text += rest_.front();
        rest_.remove_prefix(1);
    }
    return std::nullopt;
}

std::optional<Value> SearchParser::take_value() {
    if (rest_.starts_with('"') || rest_.starts_with('\'')) {
        auto text = take_quoted();
        if (!text) return std::nullopt;
        return Value{std::move(*text), Value::Quotes::some};
    }
    const auto end = std::find_if(rest_.begin(), rest_.end(), is_space);
    const std::string_view word = rest_.substr(0, static_cast<std::size_t>(end - rest_.begin()));
    if (word.empty() || word.find_first_of("\"'") != std::string_view::npos) return std::nullopt;
    rest_.remove_prefix(word.size());
    return Value{std::string{word}, Value::Quotes::none};
}

bool SearchParser::set_number(SearchTerm& term, const Value& value) const {
    const auto number = parse_integer(value.text);
    if (!number) return false;
    term.number = *number;
    return true;
}

bool SearchParser::set_value(SearchTerm& term, const Value& value) const {
    if (term.field == Field::amount || term.field == Field::created) {
        return set_number(term, value);
    }
    if (term.compare != Compare::equal) return false;  // only numbers have an order
    if (value.is_null()) {
        if (term.field != Field::metadata && term.field != Field::customer) return false;
        term.compare = Compare::absent;
        return true;
    }
    if (term.field == Field::customer) {
        const auto id = read_id<CustomerId>(ids_, value.text);
        term.number = id ? id->value : kNobody;
        return true;
    }
    if (term.field == Field::status) {
        const auto status = payment_status_from_text(value.text);
        if (status) term.number = static_cast<std::int64_t>(*status);
        return status.has_value();
    }
    term.text = term.field == Field::currency ? to_lower(value.text) : value.text;
    return true;
}

std::optional<SearchTerm> SearchParser::take_term() {
    SearchTerm term;
    if (take('-')) term.sense = SearchTerm::Sense::negated;
    const auto field = take_field();
    if (!field) return std::nullopt;
    term.field = *field;
    if (term.field == Field::metadata) {
        if (!take('[')) return std::nullopt;
        auto name = take_quoted();
        if (!name || !take(']')) return std::nullopt;
        term.name = std::move(*name);
    }
    const auto compare = take_compare();
    if (!compare) return std::nullopt;
    term.compare = *compare;
    const auto value = take_value();
    if (!value || !set_value(term, *value)) return std::nullopt;
    return term;
}

// False: both kinds of join in one query.
bool SearchParser::take_join(SearchQuery& query, std::optional<Join>& join) {
    Join found = Join::all;
    if (take_keyword("or")) {
        found = Join::any;
    } else {
        take_keyword("and");
    }
    if (join && *join != found) return false;
    join = found;
    query.join = found;
    return true;
}

std::optional<SearchQuery> SearchParser::parse() {
    SearchQuery query;
    std::optional<Join> join;
    skip_spaces();
    while (!rest_.empty()) {
        if (!query.terms.empty()) {
            if (!take_join(query, join)) return std::nullopt;
            skip_spaces();
        }
        auto term = take_term();
        if (!term || query.terms.size() == kSearchTermsMax) return std::nullopt;
        if (!rest_.empty() && !is_space(rest_.front())) return std::nullopt;
        query.terms.push_back(std::move(*term));
        skip_spaces();
    }
    if (query.terms.empty()) return std::nullopt;
    return query;
}

}  // namespace

std::optional<SearchQuery> parse_search(const IdCodec& ids, std::string_view text) {
    return SearchParser{ids, text}.parse();
}

}  // namespace postern::payments::onerway
