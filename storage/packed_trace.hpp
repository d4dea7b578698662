#pragma once

#include "core/trace.hpp"
#include "storage/database.hpp"

#include <optional>

namespace postern::storage {

// A trace as a statement binds it. Binding copies nothing: it must live until the statement has
// run.
class PackedTrace {
 public:
    explicit PackedTrace(const std::optional<TraceContext>& trace) {
        if (trace) bytes_ = pack_trace(*trace);
    }
    std::optional<Blob> blob() const {
        if (!bytes_) return std::nullopt;
        return Blob{bytes_->view()};
    }

 private:
    std::optional<FixedText<kPackedTraceBytes>> bytes_;
};

}  // namespace postern::storage
