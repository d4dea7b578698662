#pragma once

#include "core/json_writer.hpp"
#include "daemon/api.hpp"
#include "storage/api_key_repository.hpp"

#include <string>

namespace postern::daemon {

// The clear key is in the answer that made it and in no other.
struct ApiKeyView {
    const storage::ApiKeyRow& row;
    std::string_view clear_key = {};
};
void append_api_key(JsonWriter& writer, const ApiCall& call, const ApiKeyView& view);
std::string api_key_body(const ApiCall& call, const ApiKeyView& view);

// As a key stands at that moment.
enum class KeyStatus { active, rolled, expired, revoked };
KeyStatus status_of(const storage::ApiKeyRow& row, TimePoint now);
std::string_view to_text(KeyStatus status);

}  // namespace postern::daemon
