#pragma once

#include "core/request_tree.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace postern {

// Reads a request's parameters one by one and remembers the first complaint, which is all that
// Stripe's envelope has room for. A name may lead into tables, as it is spelled in a form:
// "card[exp_month]". `expand` is known everywhere: where nothing can be expanded it says nothing.
class Parameters {
 public:
    explicit Parameters(const RequestNode& root) : root_{root} {}

    // Sent, and not as null. Who asks knows the name: null is not an unknown parameter then.
    bool has(std::string_view name);
    // JSON's word for nothing. It takes away what the empty text takes away; a number, a flag, a
    // word or a list that is null is absent.
    bool is_null(std::string_view name);
    std::optional<std::string> text(std::string_view name);
    std::string required_text(std::string_view name);
    std::optional<std::int64_t> integer(std::string_view name);
    std::optional<bool> flag(std::string_view name);
    std::optional<std::vector<std::string>> texts(std::string_view name);
    // Names and values, as metadata has them; the empty text gives none.
    using Pairs = std::vector<std::pair<std::string, std::string>>;
    std::optional<Pairs> pairs(std::string_view name);
    // One of the words; another is a complaint that lists them. The empty text is no word.
    std::optional<std::string> word(std::string_view name, std::span<const std::string_view> words);
    // A table to be read by itself; its members are the caller's to judge.
    const RequestNode* table(std::string_view name);

    void complain(ParameterComplaint complaint);
    void complain_of_missing(std::string_view name);
    bool is_good() const { return !complaint_; }
    // The first thing wrong, among it a parameter that nobody asked for.
    std::optional<ParameterComplaint> finish();

 private:
    const RequestNode* look(std::string_view name);
    const RequestNode* find(std::string_view name);
    const RequestNode* leaf(std::string_view name);
    const RequestNode* said_leaf(std::string_view name);
    void look_for_unknown(const RequestNode& table, std::string_view path);

    const RequestNode& root_;
    std::vector<const RequestNode*> asked_for_;  // with all that is in them
    std::vector<const RequestNode*> opened_;     // tables of which members were asked for
    std::optional<ParameterComplaint> complaint_;
};

// Which way a list goes on from its cursor.
enum class Direction { older, newer };

inline constexpr std::int64_t kListRowsDefault = 10;
inline constexpr std::int64_t kListRowsMax = 100;

std::size_t read_limit(Parameters& parameters);
// The cursor's text and its direction, if there is one.
struct Cursor {
    std::string id;
    std::string_view parameter;
    Direction direction = Direction::older;
};
std::optional<Cursor> read_cursor(Parameters& parameters);
ParameterComplaint unknown_cursor(const Cursor& cursor, std::string_view what);

}  // namespace postern
