#pragma once

#include "core/json_writer.hpp"
#include "daemon/api.hpp"
#include "storage/job_repository.hpp"

namespace postern::daemon {

void append_job(JsonWriter& writer, const storage::JobRow& job, const IdCodec& ids);
HttpReply job_reply(const storage::JobRow& job, const IdCodec& ids);

}  // namespace postern::daemon
