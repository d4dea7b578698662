#pragma once

#include "core/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace postern::verifiers {

// What an operator says a sender signs: text around one {body}, in which {timestamp}, {url} and
// {id} stand for what the request or the settings say.
class SignedTextTemplate {
 public:
    enum class Slot { literal, body, timestamp, url, id };

    struct Values {
        std::string_view timestamp;
        std::string_view url;
        std::string_view id;
    };

    // Text before and after the body, which itself is never copied.
    struct Frame {
        std::string before;
        std::string after;
    };

    // The complaint says what is wrong with the template, without its key.
    static Result<SignedTextTemplate, Complaint> parse(std::string_view text);

    bool uses(Slot slot) const;
    Frame fill(const Values& values) const;

 private:
    struct Part {
        Slot slot = Slot::literal;
        std::string literal;
    };
    std::vector<Part> parts_;
};

}  // namespace postern::verifiers
