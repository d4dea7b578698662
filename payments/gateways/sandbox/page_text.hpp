#pragma once

#include "payments/api.hpp"
#include "payments/gateways/sandbox/sandbox_actions.hpp"

#include <string>
#include <string_view>

// The sandbox's pages as text: whole documents without scripts, in the reader's language.
namespace postern::payments {

// What asks the customer: approve, decline, or leave.
std::string action_page(const FullAction& action, Language language);

enum class Notice { approved, declined, over, expired, unknown, not_understood };
// What is left to say when there is nothing to do and nowhere to go.
std::string notice_page(Notice notice, Language language);

// Of the one style sheet that the pages hold: what the content security policy lets through.
std::string page_style_hash();

std::string escape_html(std::string_view text);

}  // namespace postern::payments
