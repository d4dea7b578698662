#pragma once

#include "core/json_writer.hpp"
#include "daemon/faces/svix/message.hpp"
#include "storage/attempt_repository.hpp"
#include "storage/delivery_repository.hpp"
#include "storage/endpoint_repository.hpp"

#include <optional>
#include <string>
#include <vector>

namespace postern::daemon::svix {

// An attempt with what it belongs to.
struct WholeAttempt {
    storage::AttemptRow row;
    storage::DeliveryRow delivery;
    storage::EventRow event;
    std::string url;
};

struct AttemptView {
    Content content = Content::shown;  // the answer's body
    std::optional<Content> message;    // absent: not shown
};
void append_attempt(
    JsonWriter& writer,
    const WholeAttempt& attempt,
    const IdCodec& ids,
    const AttemptView& view
);

struct AttemptFilter {
    std::optional<MessageStatus> status;
    std::optional<std::int64_t> status_code_class;  // 0, 100, 200 …
    MessageFilter message;

    bool admits(const WholeAttempt& attempt) const;
};
AttemptFilter read_attempt_filter(Query& query);

}  // namespace postern::daemon::svix
