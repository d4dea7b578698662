#pragma once

#include "core/http_message.hpp"
#include "core/json_document.hpp"
#include "core/result.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern {

struct RequestMember;

// What was sent, whichever way it was encoded. A leaf is a text, because a form has nothing else:
// JSON's numbers and flags as they were spelled, null as the empty text. A list is a table whose
// keys count from 0.
struct RequestNode {
    enum class Kind { text, table } kind = Kind::table;
    std::string text;
    std::vector<RequestMember> members;  // in the order sent, each name once
    // What JSON can say and a form cannot; no difference to what it is compared with.
    enum class InJson { as_in_a_form, null, list } in_json = InJson::as_in_a_form;

    const RequestNode* find(std::string_view name) const;
    bool operator==(const RequestNode&) const;
};

struct RequestMember {
    std::string name;
    RequestNode node;

    bool operator==(const RequestMember&) const = default;
};

struct RequestTreeLimits {
    std::size_t values_max = 1'000;
    std::uint32_t depth_max = 8;
};

// Something wrong with what was sent; the words are Stripe's where it has some.
struct ParameterComplaint {
    std::string_view code;  // empty: none
    std::string message;
    std::string parameter;  // empty: none in particular

    bool operator==(const ParameterComplaint&) const = default;
};

// "amount=5&metadata[k]=v&types[0]=a&expand[]=b": a body or a query string.
Result<RequestNode, ParameterComplaint>
read_form(std::string_view text, const RequestTreeLimits& limits = {});
// The root must be an object, and no object may have a name twice.
Result<RequestNode, ParameterComplaint>
read_json(std::string_view text, const RequestTreeLimits& limits = {});
// By Content-Type; a form when there is none, as Stripe takes it.
Result<RequestNode, ParameterComplaint> read_request_body(const HttpRequest& request);
// The body's and the query string's: where one of the two is meant, the other is empty.
Result<RequestNode, ParameterComplaint> read_parameters(const HttpRequest& request);

// As a parameter is named in an answer: "metadata[k]".
std::string bracketed(std::string_view table, const RequestMember& member);

}  // namespace postern
