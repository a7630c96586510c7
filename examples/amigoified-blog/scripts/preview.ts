/** Prints what a page of posts would show: `npm run preview`. */
import { Blog } from '../src/blog.ts'

const blog = new Blog()
blog.publish({ title: 'Hello', body: 'This is the **first** post.', tags: ['news'] })
for (const { title, excerpt } of blog.list()) console.log(`${title}: ${excerpt}`)
